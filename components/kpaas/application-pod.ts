import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import type { PodLabels } from "../contracts";
import { fromSecret } from "../data/secret-variable";
import { spreadOverNodes } from "../kubernetes/affinity";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { httpProbe, startsWithin, tcpProbe } from "../kubernetes/probes";
import { applicationUser } from "./suite-objects";
import { noTrust, trust } from "./trust";

type PodSpec = types.input.core.v1.PodSpec;
type Volume = types.input.core.v1.Volume;
type VolumeMount = types.input.core.v1.VolumeMount;

/** What all applications of one suite share. */
export interface SuiteFacts {
  readonly serviceAccountName: pulumi.Input<string>;
  /** ConfigMap with the files that make the user known. */
  readonly accountName: pulumi.Input<string>;
  /** ConfigMap that every application gets as a whole. It holds no secrets. */
  readonly configurationName: pulumi.Input<string>;
  /** Secret of the suite; an application gets single keys of it. */
  readonly secretName: pulumi.Input<string>;
  /** How the images are asked for their health: by HTTP paths that need no login, or by the open port alone. */
  readonly probes: "tcp" | "actuator";
  /** Processor architecture of the images. */
  readonly architecture: "amd64" | "arm64";
}

/** Volumes beyond what every application has. */
export interface ApplicationVolumes {
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
  readonly initContainers?: readonly RestrictedContainer[];
  /** Objects with fixed names that the volumes are made of. */
  readonly ready?: readonly pulumi.Resource[];
}

export interface ApplicationPodFacts {
  /** Name of the container. */
  readonly name: string;
  readonly image: ContainerImage;
  readonly podLabels: PodLabels;
  readonly port: number;
  readonly runtime: "java" | "go";
  readonly replicas: number;
  readonly resources: Resources;
  /** Variables that only this application gets, no secrets. */
  readonly own: Readonly<Record<string, pulumi.Input<string>>>;
  /** Variable → key of the suite's Secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** ConfigMap with authorities to trust; its keys end in `.crt`. @default the public ones have to do */
  readonly authoritiesName?: string;
  readonly extra?: ApplicationVolumes;
}

/** The pod of one application. */
export function applicationPod(suite: SuiteFacts, facts: ApplicationPodFacts): PodSpec {
  const { runtime, extra, authoritiesName } = facts;
  const trusted = authoritiesName === undefined ? noTrust : trust(runtime, authoritiesName, facts.image);
  return restrictedPod({
    identity: { uid: applicationUser.uid, accountName: suite.accountName },
    serviceAccountName: suite.serviceAccountName,
    initContainers: [...trusted.initContainers, ...(extra?.initContainers ?? [])],
    containers: [
      {
        name: facts.name,
        image: facts.image,
        envFrom: [{ configMapRef: { name: suite.configurationName } }],
        env: environment(suite, facts, [...trusted.env], trusted.jvm),
        ports: [{ name: "http", containerPort: facts.port, protocol: "TCP" }],
        resources: facts.resources,
        ...probes(suite.probes),
        volumeMounts: [...trusted.volumeMounts, ...(extra?.volumeMounts ?? [])],
        // Log files lie below the directory where the program starts, in later builds below the home of its user.
        writable: runtime === "java" ? ["/tmp", "/logs", "/home/1000/logs"] : ["/tmp"],
        lifecycle: { preStop: { sleep: { seconds: 5 } } }, // load balancers stop sending before the server stops
      },
    ],
    volumes: [...trusted.volumes, ...(extra?.volumes ?? [])],
    placement: {
      nodeSelector: { "kubernetes.io/arch": suite.architecture },
      affinity: { ...notOnEdgeNodes, ...(facts.replicas > 1 && spreadOverNodes(facts.podLabels)) },
    },
  });
}

/** Edge nodes of KubeEdge cannot reach the cluster's Services. */
export const notOnEdgeNodes: types.input.core.v1.Affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "node-role.kubernetes.io/edge", operator: "DoesNotExist" }] }],
    },
  },
};

function environment(
  suite: SuiteFacts,
  { runtime, own, secrets }: ApplicationPodFacts,
  trusted: types.input.core.v1.EnvVar[],
  jvm: readonly string[],
): types.input.core.v1.EnvVar[] {
  // The JVM would otherwise take a quarter of the limit for its heap.
  const options = { name: "JAVA_TOOL_OPTIONS", value: ["-XX:MaxRAMPercentage=50.0", ...jvm].join(" ") };
  return [
    ...Object.entries(own).map(([name, value]) => ({ name, value })),
    ...Object.entries(secrets).map(([name, key]) => fromSecret(name, suite.secretName, key)),
    ...trusted,
    ...(runtime === "java" ? [options] : [{ name: "HOME", value: "/tmp" }]),
  ].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function probes(kind: SuiteFacts["probes"]) {
  const path = (group: string) => httpProbe(`/actuator/health/${group}`, "http");
  const [live, ready] =
    kind === "actuator" ? [path("liveness"), path("readiness")] : [tcpProbe("http"), tcpProbe("http")];
  // A JVM on a busy node takes minutes to start.
  return { startupProbe: startsWithin(300, live), livenessProbe: live, readinessProbe: ready };
}
