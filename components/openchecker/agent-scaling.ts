import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import { Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { BrokerManagementEndpoint, Connection, Peer } from "../contracts";
import { scaleByUtilization } from "../kubernetes/autoscaling";
import { OPENCHECKER_QUEUE } from "./queues";

/** Who decides how many workers a pool has. */
export type AgentScaling =
  | { readonly type: "fixed"; readonly replicas: number }
  | {
      readonly type: "cpu";
      readonly minReplicas: number;
      readonly maxReplicas: number;
      /** Percent of the CPU request. */
      readonly targetUtilizationPercent: number;
    }
  | {
      /** By the length of the queue; needs KEDA in the cluster. */
      readonly type: "queue";
      readonly minReplicas: number;
      readonly maxReplicas: number;
      /** Waiting messages that one worker is expected to take. */
      readonly messagesPerReplica: number;
      /** Pods of KEDA's operator, which look at the queue. */
      readonly keda: Peer;
      /** Login that may look at the queue. */
      readonly broker: BrokerManagementEndpoint;
    };

export interface AgentScalingFacts {
  readonly scaling: AgentScaling;
  /** Name of the workers' Deployment. */
  readonly deployment: string;
  /** The Deployment. */
  readonly ready: readonly pulumi.Resource[];
  readonly metadata: { readonly namespace: pulumi.Input<string>; readonly labels: Readonly<Record<string, string>> };
}

/** Makes the autoscaler of a pool, if it has one. */
export function addAgentScaling(name: string, facts: AgentScalingFacts, parent: pulumi.Resource): void {
  const { scaling, deployment, metadata } = facts;
  if (scaling.type === "cpu") {
    new HorizontalPodAutoscaler(
      `${name}-autoscaler`,
      {
        metadata,
        spec: scaleByUtilization(deployment, {
          minReplicas: scaling.minReplicas,
          maxReplicas: scaling.maxReplicas,
          cpuPercent: scaling.targetUtilizationPercent,
        }),
      },
      { parent, dependsOn: [...facts.ready] },
    );
  }
  if (scaling.type === "queue") {
    addQueueScaling(name, { ...facts, scaling }, parent);
  }
}

/** What the autoscaler of a pool needs to reach. */
export function scalerConnections(scaling: AgentScaling): Connection[] {
  return scaling.type === "queue"
    ? [{ from: { system: "KEDA", peer: scaling.keda }, to: scaling.broker, ports: scaling.broker.ports }]
    : [];
}

/** KEDA's objects: the login, the reference to it, and the rule. */
function addQueueScaling(
  name: string,
  { scaling, deployment, metadata, ready }: AgentScalingFacts & { scaling: Extract<AgentScaling, { type: "queue" }> },
  parent: pulumi.Resource,
): void {
  const { broker } = scaling;
  const login = new Secret(
    `${name}-scaler-login`,
    { metadata, stringData: { host: managementUrl(broker) } },
    { parent },
  );
  const authentication = new CustomResource(
    `${name}-scaler-authentication`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "TriggerAuthentication",
      metadata,
      spec: { secretTargetRef: [{ parameter: "host", name: login.metadata.name, key: "host" }] },
    },
    { parent },
  );
  new CustomResource(
    `${name}-autoscaler`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata,
      spec: {
        scaleTargetRef: { name: deployment },
        minReplicaCount: scaling.minReplicas,
        maxReplicaCount: scaling.maxReplicas,
        triggers: [
          {
            type: "rabbitmq",
            metadata: {
              // By AMQP only waiting messages would count, and workers that are busy for hours would be taken away.
              protocol: "http",
              queueName: OPENCHECKER_QUEUE,
              mode: "QueueLength",
              value: String(scaling.messagesPerReplica),
            },
            authenticationRef: { name: authentication.metadata.apply((each) => each?.name ?? "") },
          },
        ],
      },
    },
    { parent, dependsOn: [...ready] },
  );
}

/** Secret. `http://user:password@host:port/vhost` with every part escaped; the vhost `/` becomes `%2F`. */
function managementUrl(broker: BrokerManagementEndpoint): pulumi.Output<string> {
  const { host, port } = broker;
  const [username, virtualHost] = [broker.username, broker.virtualHost].map(encodeURIComponent);
  return pulumi.secret(
    broker.password.apply(
      (password) => `http://${username}:${encodeURIComponent(password)}@${host}:${port}/${virtualHost}`,
    ),
  );
}
