import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { PolicyExceptions } from "../kubernetes/exceptions";
import { type Resources, restrictedPod } from "../kubernetes/pod";
import { startsWithin, tcpProbe } from "../kubernetes/probes";
import { notOnEdgeNodes } from "./application-pod";

/** Where the image keeps repositories, users and settings: below the home of its user (upstream). */
const HOME_DIRECTORY = "/root/.scm";

/** Why the Deployment breaks policy rules. */
export const scmManagerExceptions: PolicyExceptions = {
  "no-read-only-root-fs":
    "SCM-Manager unpacks itself into its own directory at every start; where that is in later images is not published.",
  "pss-run-as-user": "The image's data directory is below /root, which nobody but root can enter.",
  "run-as-non-root": "The image's data directory is below /root, which nobody but root can enter.",
};

/** Why the namespace cannot be `restricted`. */
export const scmManagerNamespace: PolicyExceptions = {
  "pod-security-restricted": "SCM-Manager runs as root, because its image keeps the data below /root.",
};

export interface ScmManagerPodFacts {
  readonly application: string;
  readonly image: ContainerImage;
  readonly port: number;
  readonly resources: Resources;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly architecture: "amd64" | "arm64";
  /** Claim with the repositories. */
  readonly claimName: pulumi.Input<string>;
}

/** The one pod of SCM-Manager: root, but without any of root's privileges. */
export function scmManagerPod(facts: ScmManagerPodFacts): types.input.core.v1.PodSpec {
  // The server listens once its application has been loaded.
  const listens = tcpProbe("http");
  return restrictedPod({
    identity: { uid: 0 },
    serviceAccountName: facts.serviceAccountName,
    containers: [
      {
        name: facts.application,
        image: facts.image,
        // The JVM would otherwise take a quarter of the limit for its heap.
        env: [{ name: "JAVA_TOOL_OPTIONS", value: "-XX:MaxRAMPercentage=50.0" }],
        ports: [{ name: "http", containerPort: facts.port, protocol: "TCP" }],
        resources: facts.resources,
        startupProbe: startsWithin(300, listens),
        livenessProbe: listens,
        readinessProbe: listens,
        volumeMounts: [{ name: "repositories", mountPath: HOME_DIRECTORY }],
        // Root without privileges cannot write to directories of others, and these belong to whoever packed the program.
        writable: ["/tmp", "/scm-server/var/log", "/scm-server/work"],
        writableRoot: true,
      },
    ],
    volumes: [{ name: "repositories", persistentVolumeClaim: { claimName: facts.claimName } }],
    placement: {
      nodeSelector: { "kubernetes.io/arch": facts.architecture },
      affinity: { ...notOnEdgeNodes },
      terminationGracePeriodSeconds: 60, // pushes that are under way
    },
  });
}
