import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type ClaimSpec = types.input.core.v1.PersistentVolumeClaimSpec;
type ObjectMeta = types.input.meta.v1.ObjectMeta;

/** A volume of its own kind of objects: not made from a StatefulSet's template. */
export interface ClaimFacts {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  /** Kubernetes quantity. It can grow where the class allows it, and never shrink. */
  readonly size: string;
  /** StorageClass. @default the cluster's default class */
  readonly class?: string | undefined;
  /** `ReadWriteOnce`: one node at a time. */
  readonly accessMode: "ReadWriteOnce" | "ReadWriteMany";
}

/** A claim that nobody waits for: a class may bind only when a pod uses it, and the pod is made after the claim. */
export function claim(facts: ClaimFacts): { readonly metadata: ObjectMeta; readonly spec: ClaimSpec } {
  const { name, namespace, labels } = facts;
  return {
    metadata: { name, namespace, labels: { ...labels }, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      accessModes: [facts.accessMode],
      ...(facts.class !== undefined && { storageClassName: facts.class }),
      resources: { requests: { storage: facts.size } },
    },
  };
}
