import { z } from "zod";
import {
  cidr,
  containerResources,
  dnsName,
  iniSecret,
  iniText,
  ownNamespace,
  port,
  serverAddress,
  storageQuantity,
} from "./values";

const login = (client: string) =>
  z
    .strictObject({
      username: iniText(128).meta({ description: "User name.", examples: ["openchecker"] }),
      password: iniSecret().meta({ description: "Password." }),
    })
    .meta({ description: `Login of ${client}.` });

/** The broker, our own or one that somebody else runs. */
export const rabbitmq = z
  .strictObject({
    external: z
      .strictObject({
        host: serverAddress.meta({ description: "Address of the broker." }),
        port: port.default(5672).meta({ description: "AMQP 0-9-1 without TLS; OpenChecker knows no other way." }),
        cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the broker, for the network policies." }),
        users: z
          .strictObject({ main: login("the API, which publishes"), worker: login("the workers, which consume") })
          .meta({ description: "Logins at virtual host `/`." }),
        management: login("the autoscaler, which looks at the queue (tag `management`)")
          .extend({ port: port.default(15672).meta({ description: "HTTP port of the management plugin." }) })
          .exactOptional()
          .meta({ description: "Management interface, needed for autoscaling by the length of the queue." }),
      })
      .exactOptional()
      .meta({
        description: "A broker that somebody else runs. When set, no broker is installed and the rest is ignored.",
      }),
    namespace: ownNamespace.default("rabbitmq").meta({ description: "Namespace of the broker.", source: "upstream" }),
    replicas: z.literal([1, 3]).default(1).meta({
      description: "Number of nodes. Queues live on a majority of them, so only odd numbers help.",
      unit: "pods",
      source: "upstream",
    }),
    storage: z
      .strictObject({
        size: storageQuantity
          .prefault("16Gi")
          .meta({ description: "Volume of each node.", unit: "bytes", source: "upstream" }),
        class: dnsName.exactOptional().meta({ description: "StorageClass; absent: the cluster's default." }),
      })
      .prefault({})
      .meta({ description: "Where the broker keeps its messages." }),
    consumerTimeoutMinutes: z.int().min(30).max(1440).default(180).meta({
      description: "How long a worker may take for one task before the broker hands it to another one.",
      unit: "minutes",
    }),
    deliveryLimit: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .meta({ description: "How often a task is tried before it goes to `dead_letters`.", unit: "deliveries" }),
    deadLetterMaxMessages: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(10_000)
      .meta({ description: "How many failed tasks `dead_letters` keeps; the oldest go first.", unit: "messages" }),
    resources: containerResources(
      { cpu: "1", memory: "4Gi" },
      { cpu: "1", memory: "4Gi" },
      { description: "Resources of each broker node.", source: "upstream", leastMemory: "256Mi" },
      "a node",
    ),
    monitoring: z.boolean().default(true).meta({
      description:
        "Have Prometheus collect the broker's metrics and watch its queues, where the cluster has the Prometheus operator.",
    }),
  })
  .meta({ description: "RabbitMQ, the broker between the API and the workers of OpenChecker." });
