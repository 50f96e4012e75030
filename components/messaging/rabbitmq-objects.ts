import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PodLabels } from "../contracts";
import { brokerPorts } from "./rabbitmq-configuration";
import { type BrokerPodFacts, brokerPod, DATA_VOLUME } from "./rabbitmq-pod";
import { brokerAdministrator } from "./topology";

type ServiceSpec = types.input.core.v1.ServiceSpec;

/** Names that RabbitMQ's operator gives the objects of a cluster called `rabbitmq`. */
export const brokerObjects = {
  /** For clients. */
  service: "rabbitmq",
  /** For the nodes among themselves. */
  nodeService: "rabbitmq-nodes",
  /** StatefulSet, service account and disruption budget. */
  server: "rabbitmq-server",
  administratorSecret: "rabbitmq-default-user",
  configuration: "rabbitmq-server-conf",
  definitions: "rabbitmq-definitions",
  cookie: "rabbitmq-erlang-cookie",
} as const;

/** What follows a pod's name in its host name. */
export function nodeHostSuffix(namespace: string, clusterDomain: string): string {
  return `.${brokerObjects.nodeService}.${namespace}.svc.${clusterDomain}`;
}

/** Host names of the nodes: `rabbitmq-server-0.rabbitmq-nodes.…`. */
export function nodeHosts(replicas: number, hostSuffix: string): string[] {
  return Array.from({ length: replicas }, (_, ordinal) => `${brokerObjects.server}-${ordinal}${hostSuffix}`);
}

/** Gives each node a name of its own, which only the other nodes use. */
export function nodeServiceSpec(podLabels: PodLabels): ServiceSpec {
  return {
    clusterIP: "None",
    selector: { ...podLabels },
    publishNotReadyAddresses: true, // the nodes look for each other before any of them is ready
    ports: [
      { name: "epmd", port: brokerPorts.portMapper, targetPort: "epmd" },
      { name: "clustering", port: brokerPorts.clustering, targetPort: "clustering" },
    ],
  };
}

/** Where clients, people and Prometheus find the broker. */
export function clientServiceSpec(podLabels: PodLabels): ServiceSpec {
  return {
    selector: { ...podLabels },
    ports: [
      { name: "amqp", port: brokerPorts.amqp, targetPort: "amqp" },
      { name: "management", port: brokerPorts.management, targetPort: "management" },
      { name: "prometheus", port: brokerPorts.metrics, targetPort: "prometheus" },
    ],
  };
}

export interface BrokerServerFacts extends BrokerPodFacts {
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations of the pods. */
  readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** Keep the claims when the StatefulSet is deleted. */
  readonly retainData: boolean;
}

/** The nodes and their volumes. */
export function brokerServerSpec(facts: BrokerServerFacts): types.input.apps.v1.StatefulSetSpec {
  return {
    serviceName: brokerObjects.nodeService,
    replicas: facts.nodeHosts.length,
    // One after the other would never start again after a full stop: the first waits for the last that was up.
    podManagementPolicy: "Parallel",
    selector: { matchLabels: { ...facts.podLabels } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: facts.retainData ? "Retain" : "Delete", whenScaled: "Retain" },
    template: {
      metadata: { labels: { ...facts.labels }, annotations: { ...facts.annotations } },
      spec: brokerPod(facts),
    },
    volumeClaimTemplates: [
      {
        // No version among the labels: a template of claims can never be changed.
        metadata: { name: DATA_VOLUME, labels: { ...facts.podLabels } },
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(facts.storage.class !== undefined && { storageClassName: facts.storage.class }),
          resources: { requests: { storage: facts.storage.size } },
        },
      },
    ],
  };
}

/** Lets one node at a time be taken away. */
export function disruptionBudget(podLabels: PodLabels): types.input.policy.v1.PodDisruptionBudgetSpec {
  return {
    maxUnavailable: 1,
    selector: { matchLabels: { ...podLabels } },
    // A node that is not ready may be catching up; evicting it while another is away would cost the majority.
    unhealthyPodEvictionPolicy: "IfHealthyBudget",
  };
}

/** The administrator's login with the keys that RabbitMQ's operator writes, for tools that know them. */
export function administratorSecret(host: string, password: pulumi.Output<string>) {
  const { username } = brokerAdministrator;
  const connection = pulumi.interpolate`amqp://${username}:${password}@${host}:${brokerPorts.amqp}/`;
  return {
    username,
    password,
    host,
    port: String(brokerPorts.amqp),
    connection_string: pulumi.secret(connection),
  };
}
