import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { PodLabels } from "../contracts";
import { spreadOverNodes } from "../kubernetes/affinity";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { startsWithin, tcpProbe } from "../kubernetes/probes";
import { brokerPaths, brokerPorts, DEFINITIONS_FILE, nodeName } from "./rabbitmq-configuration";

/** The user `rabbitmq` of the official image. */
const UID = 999;

/** The claim of each node. */
export const DATA_VOLUME = "persistence";

/** Keys of the ConfigMap. */
export const CONFIGURATION_KEY = "rabbitmq.conf";
export const PLUGINS_KEY = "enabled_plugins";

/** Key of the cookie's Secret, and the name that Erlang looks for in the home directory. */
export const COOKIE_FILE = ".erlang.cookie";

const COOKIE_SECRET_PATH = "/run/secrets/erlang-cookie";
const HOME_VOLUME = "home";

/** Seconds that a node waits for the names of the others before it starts; then one of them is probably down. */
const NAME_WAIT_SECONDS = 30;
/** Seconds that a node waits, before it stops, until its queues have enough other members; then it stops anyway. */
const QUORUM_WAIT_SECONDS = 180;
/** Seconds for handing clients and queue leaders over to the other nodes. */
const DRAIN_SECONDS = 60;
/** Seconds for stopping the server itself. */
const STOP_SECONDS = 60;

export interface BrokerPodFacts {
  readonly image: ResolvedImage;
  readonly resources: Resources;
  readonly podLabels: PodLabels;
  /** Host names of all nodes. */
  readonly nodeHosts: readonly string[];
  /** What follows the pod's name in its host name: `.<headless service>.<namespace>.svc.<cluster domain>`. */
  readonly hostSuffix: string;
  readonly serviceAccountName: pulumi.Input<string>;
  readonly configMapName: pulumi.Input<string>;
  readonly definitionsSecretName: pulumi.Input<string>;
  readonly cookieSecretName: pulumi.Input<string>;
}

/** The pod of one broker node. Its data is the claim {@link DATA_VOLUME}, which the StatefulSet adds. */
export function brokerPod(facts: BrokerPodFacts): types.input.core.v1.PodSpec {
  const clustered = facts.nodeHosts.length > 1;
  return restrictedPod({
    identity: { uid: UID },
    serviceAccountName: facts.serviceAccountName,
    initContainers: [cookieCopy(facts), ...(clustered ? [nameWait(facts)] : [])],
    containers: [
      {
        image: facts.image,
        name: "rabbitmq",
        ports: [
          { name: "amqp", containerPort: brokerPorts.amqp, protocol: "TCP" },
          { name: "management", containerPort: brokerPorts.management, protocol: "TCP" },
          { name: "prometheus", containerPort: brokerPorts.metrics, protocol: "TCP" },
          { name: "epmd", containerPort: brokerPorts.portMapper, protocol: "TCP" },
          { name: "clustering", containerPort: brokerPorts.clustering, protocol: "TCP" },
        ],
        env: [
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          // A node's data belongs to its name, so the name must be the same wherever the pod runs.
          { name: "RABBITMQ_NODENAME", value: nodeName(`$(POD_NAME)${facts.hostSuffix}`) },
          { name: "RABBITMQ_USE_LONGNAME", value: "true" },
        ],
        resources: facts.resources,
        // A node opens the AMQP port last, after it has joined the cluster and imported the definitions.
        startupProbe: startsWithin(600, tcpProbe("amqp")),
        readinessProbe: tcpProbe("amqp"),
        // A node that a partition has paused closes AMQP and must not be killed for it, so this asks the Erlang runtime.
        // None of them runs a command: those take seconds of CPU and start failing just when the broker is busy.
        livenessProbe: tcpProbe("clustering", { periodSeconds: 30, failureThreshold: 6 }),
        ...(clustered && { lifecycle: { preStop: { exec: { command: ["sh", "-c", leaveCluster] } } } }),
        volumeMounts: [
          { name: HOME_VOLUME, mountPath: brokerPaths.home },
          { name: DATA_VOLUME, mountPath: brokerPaths.data },
          { name: "configuration", mountPath: brokerPaths.configuration, readOnly: true },
          { name: "plugins", mountPath: brokerPaths.enabledPlugins, subPath: PLUGINS_KEY, readOnly: true },
          { name: "definitions", mountPath: brokerPaths.definitions, readOnly: true },
        ],
        writable: [brokerPaths.logs, "/tmp"],
      },
    ],
    volumes: [
      { name: HOME_VOLUME, emptyDir: {} },
      configMapFile("configuration", facts.configMapName, CONFIGURATION_KEY),
      configMapFile("plugins", facts.configMapName, PLUGINS_KEY),
      secretFile("definitions", facts.definitionsSecretName, DEFINITIONS_FILE),
      secretFile("cookie", facts.cookieSecretName, COOKIE_FILE),
    ],
    placement: {
      affinity: spreadOverNodes(facts.podLabels),
      // RabbitMQ's operator allows a week. Here a node that cannot be stopped safely stops anyway after some minutes:
      // the drain of a machine and the destruction of a stack must come to an end, and quorum queues survive it.
      terminationGracePeriodSeconds: clustered ? QUORUM_WAIT_SECONDS + DRAIN_SECONDS + STOP_SECONDS : STOP_SECONDS,
    },
  });
}

/** Waits until no queue loses its majority by this node's end, then hands over what it leads. */
const leaveCluster = [
  `rabbitmq-upgrade await_online_quorum_plus_one --timeout ${QUORUM_WAIT_SECONDS}`,
  `rabbitmq-upgrade drain --timeout ${DRAIN_SECONDS}`,
].join("; ");

/**
 * Erlang refuses a cookie that its group may read, which is what a mounted Secret allows, so the cookie is copied to
 * where only the server's user can read it.
 */
function cookieCopy(facts: BrokerPodFacts): RestrictedContainer {
  return {
    image: facts.image,
    name: "erlang-cookie",
    command: ["install", "--mode=0600", `${COOKIE_SECRET_PATH}/${COOKIE_FILE}`, `${brokerPaths.home}/${COOKIE_FILE}`],
    resources: preparation,
    volumeMounts: [
      { name: HOME_VOLUME, mountPath: brokerPaths.home },
      { name: "cookie", mountPath: COOKIE_SECRET_PATH, readOnly: true },
    ],
  };
}

/**
 * Lets all names of the nodes become known first. Nodes that start for the first time while each knows a different half
 * of the others could form two clusters.
 */
function nameWait(facts: BrokerPodFacts): RestrictedContainer {
  const known = `getent hosts ${facts.nodeHosts.join(" ")}`;
  return {
    image: facts.image,
    name: "node-names",
    command: ["sh", "-c", `for second in $(seq ${NAME_WAIT_SECONDS}); do ${known} && exit 0; sleep 1; done`],
    resources: preparation,
  };
}

/** Resources of what runs before the server. */
const preparation: Resources = { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "200m", memory: "64Mi" } };

function configMapFile(volume: string, name: pulumi.Input<string>, key: string): types.input.core.v1.Volume {
  return { name: volume, configMap: { name, items: [{ key, path: key }] } };
}

function secretFile(volume: string, secretName: pulumi.Input<string>, key: string): types.input.core.v1.Volume {
  return { name: volume, secret: { secretName, items: [{ key, path: key }] } };
}
