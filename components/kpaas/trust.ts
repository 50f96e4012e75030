import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { RestrictedContainer } from "../kubernetes/pod";

const script = readFileSync(join(__dirname, "scripts", "build-truststore.sh"), "utf8");

const AUTHORITIES = "/etc/platform-authorities";
const TRUSTSTORE = "/var/truststore/cacerts";

/** How a pod comes to trust authorities that the public ones do not know. */
export interface Trust {
  readonly initContainers: readonly RestrictedContainer[];
  readonly volumes: readonly types.input.core.v1.Volume[];
  readonly volumeMounts: readonly types.input.core.v1.VolumeMount[];
  readonly env: readonly types.input.core.v1.EnvVar[];
  /** Options of the JVM. */
  readonly jvm: readonly string[];
}

export const noTrust: Trust = { initContainers: [], volumes: [], volumeMounts: [], env: [], jvm: [] };

/**
 * Trust for the authorities in a ConfigMap, besides the public ones. A Go program reads a directory of certificates by
 * itself; for a JVM an init container of the application's own image builds a trust store, of the type that needs no
 * password to be read: the certificates in it are public.
 * @param configMap name of the ConfigMap; its keys end in `.crt`
 * @param image of the application, with a shell and a JVM where the runtime is java
 */
export function trust(runtime: "java" | "go", configMap: pulumi.Input<string>, image: ContainerImage): Trust {
  const authorities = { name: "authorities", configMap: { name: configMap } };
  const authoritiesMount = { name: "authorities", mountPath: AUTHORITIES, readOnly: true };
  if (runtime === "go") {
    const env = [{ name: "SSL_CERT_DIR", value: AUTHORITIES }];
    return { ...noTrust, volumes: [authorities], volumeMounts: [authoritiesMount], env };
  }
  const truststoreMount = { name: "truststore", mountPath: "/var/truststore" };
  return {
    initContainers: [
      {
        name: "truststore",
        image,
        command: ["sh", "-c", script],
        env: [
          { name: "AUTHORITIES", value: AUTHORITIES },
          { name: "TRUSTSTORE", value: TRUSTSTORE },
        ],
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "192Mi" } },
        volumeMounts: [authoritiesMount, truststoreMount],
        writable: ["/tmp"],
      },
    ],
    volumes: [authorities, { name: "truststore", emptyDir: { sizeLimit: "8Mi" } }],
    volumeMounts: [{ ...truststoreMount, readOnly: true }],
    env: [],
    jvm: [`-Djavax.net.ssl.trustStore=${TRUSTSTORE}`],
  };
}
