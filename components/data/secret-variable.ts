import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** An environment variable whose value is one key of a Secret. */
export function fromSecret(name: string, secret: pulumi.Input<string>, key: string): types.input.core.v1.EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}
