import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { PolicyExceptions } from "../kubernetes/exceptions";
import { imageFields, type Resources, restrictedPod } from "../kubernetes/pod";
import { execProbe, httpProbe, startsWithin } from "../kubernetes/probes";

type PodSpec = types.input.core.v1.PodSpec;
type Container = types.input.core.v1.Container;

/** Port of the server, of its Service and of its container (upstream). */
export const SONAR_PORT = 9000;

/** Answers with 200 as soon as the web server listens, whatever state it is in. */
const STATUS_PATH = "/api/system/status";

/** Where the image keeps its files. */
const HOME = "/opt/sonarqube";

/**
 * What the search engine does about the kernel's limit of memory maps per process, `vm.max_map_count`, which is too low
 * on most nodes and which no pod may raise for itself:
 * - `noMemoryMap`: it reads its files instead of mapping them; works on any node, searches are a little slower.
 * - `prepared`: the nodes have at least {@link MEMORY_MAPS}; otherwise the server does not start.
 * - `initContainer`: a privileged container raises it on the pod's node, for whatever else runs there, too.
 */
export type NodeKernel = "noMemoryMap" | "prepared" | "initContainer";

/** What the search engine asks for when it maps its files (upstream). */
const MEMORY_MAPS = 262_144;

/** Largest heaps of the server's three processes, in MiB. */
export interface Heaps {
  readonly web: number;
  readonly computeEngine: number;
  readonly search: number;
}

/** Why the namespace cannot be `restricted` with {@link NodeKernel} `initContainer`. */
export const kernelNamespace: PolicyExceptions = {
  "pod-security-restricted": "An init container of SonarQube raises vm.max_map_count on its node, as the settings say.",
};

/** Why the Deployment breaks policy rules. */
export function podExceptions(kernel: NodeKernel): PolicyExceptions {
  const privileged = "The settings have an init container raise vm.max_map_count on the node, as a privileged root.";
  return kernel === "initContainer"
    ? Object.fromEntries(KERNEL_RULES.map((rule) => [rule, privileged]))
    : {
        "run-as-non-root":
          "The user is 1000. Only the group is root's: the image's files belong to it and are closed to everybody else.",
      };
}

const KERNEL_RULES = [
  "drop-net-raw-capability",
  "privilege-escalation-container",
  "privileged-container",
  "pss-restricted-capabilities",
  "pss-run-as-user",
  "run-as-non-root",
];

export interface SonarPodFacts {
  readonly image: ResolvedImage;
  /** Has `sysctl`; used with `initContainer` only. */
  readonly toolImage: ResolvedImage;
  readonly kernel: NodeKernel;
  readonly heaps: Heaps;
  readonly resources: Resources;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly claimName: pulumi.Input<string>;
  /** Secret with SONAR_JDBC_URL, SONAR_JDBC_USERNAME and SONAR_JDBC_PASSWORD. */
  readonly databaseSecretName: pulumi.Input<string>;
}

/**
 * The server's settings besides the database. SonarQube reads each of its properties from the variable of the same name
 * in capitals with underscores.
 */
export function sonarVariables(facts: Pick<SonarPodFacts, "kernel" | "heaps">): Record<string, string> {
  const { web, computeEngine, search } = facts.heaps;
  return {
    // A new version changes the tables by itself. Otherwise it waits for somebody to ask for it on a page that nobody
    // reaches, because a server that waits is not ready.
    SONAR_AUTODATABASEUPGRADE: "true",
    SONAR_CE_JAVAOPTS: `-Xms128m -Xmx${computeEngine}m`,
    ...(facts.kernel === "noMemoryMap" && { SONAR_SEARCH_JAVAADDITIONALOPTS: "-Dnode.store.allow_mmap=false" }),
    // The search engine wants both to be the same.
    SONAR_SEARCH_JAVAOPTS: `-Xms${search}m -Xmx${search}m`,
    // Nothing here connects to the Internet.
    SONAR_TELEMETRY_ENABLE: "false",
    SONAR_UPDATECENTER_ACTIVATE: "false",
    SONAR_WEB_JAVAOPTS: `-Xms128m -Xmx${web}m`,
  };
}

/** The server's pod. */
export function sonarPod(facts: SonarPodFacts): PodSpec {
  const { image, kernel } = facts;
  const listens = httpProbe(STATUS_PATH, "http", { periodSeconds: 60, timeoutSeconds: 30, failureThreshold: 5 });
  const pod = restrictedPod({
    // The image's files belong to the group 0, and nobody else may read them.
    identity: { uid: 1000, gid: 0 },
    serviceAccountName: facts.serviceAccountName,
    containers: [
      {
        name: "sonarqube",
        image,
        ports: [{ name: "http", containerPort: SONAR_PORT, protocol: "TCP" }],
        env: Object.entries(sonarVariables(facts)).map(([name, value]) => ({ name, value })),
        envFrom: [{ secretRef: { name: facts.databaseSecretName } }],
        resources: facts.resources,
        startupProbe: startsWithin(900, listens),
        // The status is 200 while it starts, changes its tables or is down, too.
        readinessProbe: execProbe(["sh", "-c", isUp], { periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 10 }),
        // Not the same: a server that is busy with its tables for an hour must not be restarted.
        livenessProbe: listens,
        volumeMounts: ["data", "extensions"].map((part) => ({
          name: "data",
          mountPath: `${HOME}/${part}`,
          subPath: part,
        })),
        writable: ["/tmp", `${HOME}/temp`, `${HOME}/logs`].map((path) => ({ path, sizeLimit: "2Gi" })),
      },
    ],
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: facts.claimName } }],
    placement: { terminationGracePeriodSeconds: 120 }, // running analyses end, and the search engine writes its files
  });
  return kernel === "initContainer" ? { ...pod, initContainers: [raiseMemoryMaps(facts.toolImage)] } : pod;
}

/** Succeeds when the server answers requests of every kind. */
const isUp = `curl -fsS --noproxy '*' http://127.0.0.1:${SONAR_PORT}${STATUS_PATH} | grep -q '"status":"UP"'`;

/** Raises the limit on the node; nothing when it is high enough. */
function raiseMemoryMaps(image: ResolvedImage): Container {
  const raise = `test "$(sysctl -n vm.max_map_count)" -ge ${MEMORY_MAPS} || sysctl -w vm.max_map_count=${MEMORY_MAPS}`;
  return {
    name: "memory-maps",
    ...imageFields(image),
    command: ["sh", "-c", raise],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "32Mi" } },
    securityContext: { privileged: true, runAsNonRoot: false, runAsUser: 0, readOnlyRootFilesystem: true },
  };
}
