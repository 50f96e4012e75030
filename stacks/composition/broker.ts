import type { AmqpEndpoint, BrokerManagementEndpoint } from "../../components/contracts";
import { externalAmqp, externalBrokerManagement } from "../../components/messaging/external-amqp";
import { RabbitMq } from "../../components/messaging/rabbitmq";
import { brokerAlerts } from "../../components/messaging/rabbitmq-alerts";
import { brokerAdministrator } from "../../components/messaging/topology";
import {
  DEAD_LETTER_QUEUE,
  OPENCHECKER_QUEUE,
  openCheckerClients,
  openCheckerPolicies,
  openCheckerQueues,
} from "../../components/openchecker/queues";
import { agentPools, type Settings } from "../settings";
import type { Site } from "./site";

/** The logins that OpenChecker's parts need at their broker. */
export interface Broker {
  readonly main: AmqpEndpoint;
  readonly worker: AmqpEndpoint;
  /** For the autoscaler; an external broker may have none. */
  readonly scaler?: BrokerManagementEndpoint;
}

/** The platform's own RabbitMQ with OpenChecker's queues, or the one that the settings name. */
export function composeBroker(site: Site): Broker {
  const { rabbitmq, lifecycle, cluster } = site.settings;
  if (rabbitmq.external !== undefined) {
    const { users, management, ...server } = rabbitmq.external;
    return {
      main: externalAmqp({ ...server, ...users.main }),
      worker: externalAmqp({ ...server, ...users.worker }),
      ...(management !== undefined && { scaler: externalBrokerManagement({ ...server, ...management }) }),
    };
  }
  const namespace = site.namespace(rabbitmq.namespace, "rabbitmq", { holdsData: true });
  const broker = new RabbitMq(
    "rabbitmq",
    {
      namespace,
      image: site.image("rabbitmq"),
      replicas: rabbitmq.replicas,
      storage: rabbitmq.storage,
      resources: rabbitmq.resources,
      consumerTimeoutMinutes: rabbitmq.consumerTimeoutMinutes,
      clients: openCheckerClients,
      queues: openCheckerQueues,
      policies: openCheckerPolicies(rabbitmq),
      clusterDomain: cluster.domain,
      lifecycle,
    },
    site.options,
  );
  site.add("rabbitmq", broker);
  if (rabbitmq.monitoring) {
    site.scrape("rabbitmq-metrics", {
      namespace,
      system: "rabbitmq",
      serviceLabels: broker.workload.podLabels,
      portName: "prometheus",
      path: "/metrics/per-object", // with the queues one by one, which alerts need
      endpoint: broker.metrics,
    });
    site.alert("rabbitmq-alerts", {
      namespace,
      system: "rabbitmq",
      rules: brokerAlerts({
        namespace: namespace.plainName,
        taskQueue: OPENCHECKER_QUEUE,
        deadLetterQueue: DEAD_LETTER_QUEUE,
        minimumConsumers: fewestWorkers(site.settings),
      }),
    });
  }
  site.credentials["rabbitmq"] = { username: brokerAdministrator.username, password: broker.administratorPassword };
  return {
    main: broker.endpoint("main"),
    worker: broker.endpoint("worker"),
    scaler: broker.managementEndpoint("scaler"),
  };
}

/** Workers of all pools that are there whatever the load. */
function fewestWorkers({ openchecker }: Settings): number {
  return agentPools(openchecker.agents)
    .map(({ replicas, autoscaling }) => (autoscaling.type === "none" ? replicas : autoscaling.minReplicas))
    .reduce((sum, each) => sum + each, 0);
}
