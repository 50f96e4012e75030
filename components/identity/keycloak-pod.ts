import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { PodLabels } from "../contracts";
import { spreadOverNodes } from "../kubernetes/affinity";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { httpProbe, startsWithin } from "../kubernetes/probes";
import { keycloakPorts, managementPaths } from "./keycloak-configuration";

/** The user `keycloak` of the official image. */
const UID = 1000;

const HOME = "/opt/keycloak";
/** What is written below the home: the part of the program that a start builds anew for its settings, and scratch files. */
export const writableFolders = { build: "lib/quarkus", scratch: "data" } as const;
const BUILD_DIRECTORY = `${HOME}/${writableFolders.build}`;
const BUILD_VOLUME = "build";

/** Seconds between the order to stop and the stop: by then nobody sends new requests any more. */
const FAREWELL_SECONDS = 10;

export interface KeycloakPodFacts {
  readonly image: ResolvedImage;
  readonly resources: Resources;
  readonly podLabels: PodLabels;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly variables: pulumi.Input<Readonly<Record<string, string>>>;
  /** Secret whose keys become variables, too. */
  readonly secretName: pulumi.Input<string>;
}

/** One pod of a Keycloak cluster. All that it keeps is in the database. */
export function keycloakPod(facts: KeycloakPodFacts): types.input.core.v1.PodSpec {
  const { image } = facts;
  const copy: RestrictedContainer = {
    image,
    name: "writable-build",
    command: ["cp", "-R", `${BUILD_DIRECTORY}/.`, "/build"],
    resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { cpu: "200m", memory: "32Mi" } },
    volumeMounts: [{ name: BUILD_VOLUME, mountPath: "/build" }],
  };
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    initContainers: [copy],
    containers: [
      {
        image,
        name: "keycloak",
        args: ["start"],
        ports: [
          { name: "http", containerPort: keycloakPorts.http, protocol: "TCP" },
          { name: "management", containerPort: keycloakPorts.management, protocol: "TCP" },
          { name: "cluster", containerPort: keycloakPorts.cluster, protocol: "TCP" },
        ],
        env: environment(facts.variables),
        envFrom: [{ secretRef: { name: facts.secretName } }],
        resources: facts.resources,
        // The first start builds the server and makes the tables; an upgrade changes them, while other pods wait.
        startupProbe: startsWithin(900, httpProbe(managementPaths.started, "management")),
        readinessProbe: httpProbe(managementPaths.ready, "management"),
        livenessProbe: httpProbe(managementPaths.live, "management"),
        lifecycle: { preStop: { exec: { command: ["sleep", String(FAREWELL_SECONDS)] } } },
        volumeMounts: [{ name: BUILD_VOLUME, mountPath: BUILD_DIRECTORY }],
        writable: [`${HOME}/${writableFolders.scratch}`, "/tmp"],
      },
    ],
    volumes: [{ name: BUILD_VOLUME, emptyDir: {} }],
    placement: {
      affinity: spreadOverNodes(facts.podLabels),
      terminationGracePeriodSeconds: FAREWELL_SECONDS + 50,
    },
  });
}

/** The pod's address comes first: only what stands above a variable can be used in it. */
function environment(variables: KeycloakPodFacts["variables"]): pulumi.Input<types.input.core.v1.EnvVar[]> {
  return pulumi.output(variables).apply((each) => [
    { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ...Object.entries(each)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => ({ name, value })),
  ]);
}
