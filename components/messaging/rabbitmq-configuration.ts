import { bytesOf } from "../kubernetes/quantity";

/** TCP ports of a broker node, RabbitMQ's standard ones. */
export const brokerPorts = {
  /** AMQP 0-9-1 without TLS. */
  amqp: 5672,
  /** Management interface and HTTP API. */
  management: 15672,
  /** Metrics in Prometheus format. */
  metrics: 15692,
  /** Erlang's port mapper, which tells the nodes each other's `clustering` port. */
  portMapper: 4369,
  /** Between the nodes, and from the command line tools to their own node. */
  clustering: 25672,
} as const;

/** Where a node finds its files. The configuration directory replaces the image's, which opens the user `guest` to the network. */
export const brokerPaths = {
  configuration: "/etc/rabbitmq/conf.d",
  enabledPlugins: "/etc/rabbitmq/enabled_plugins",
  definitions: "/etc/rabbitmq/definitions",
  home: "/var/lib/rabbitmq",
  data: "/var/lib/rabbitmq/mnesia",
  logs: "/var/log/rabbitmq",
} as const;

/** Key of the definitions in their Secret, and so the name of the file. */
export const DEFINITIONS_FILE = "definitions.json";

/** The plugins that every node runs, in the Erlang term that RabbitMQ reads. */
export const ENABLED_PLUGINS = "[rabbitmq_management,rabbitmq_prometheus].\n";

/** Erlang name of the node on a host. */
export function nodeName(host: string): string {
  return `rabbit@${host}`;
}

export interface BrokerConfigurationFacts {
  /** Host names of all nodes. */
  readonly hosts: readonly string[];
  /** How long a consumer may keep a message before it is taken away from it, in minutes. */
  readonly consumerTimeoutMinutes: number;
  /** Memory limit of a node, a Kubernetes quantity. */
  readonly memory: string;
  /** Size of a node's volume, a Kubernetes quantity. */
  readonly storage: string;
}

/** `rabbitmq.conf`. For one node only options that every version from 3.10 on knows; a cluster needs 3.13. */
export function brokerConfiguration(facts: BrokerConfigurationFacts): string {
  const settings: Readonly<Record<string, string | number>> = {
    cluster_name: "rabbitmq",
    "listeners.tcp.default": brokerPorts.amqp,
    "management.tcp.port": brokerPorts.management,
    "prometheus.tcp.port": brokerPorts.metrics,
    // Without this list later versions let clients in without a password, as `guest`.
    "auth_mechanisms.1": "PLAIN",
    "auth_mechanisms.2": "AMQPLAIN",
    load_definitions: `${brokerPaths.definitions}/${DEFINITIONS_FILE}`,
    consumer_timeout: facts.consumerTimeoutMinutes * 60_000,
    "log.console": "true",
    "log.file": "false",
    ...resourceLimits(facts),
    ...(facts.hosts.length > 1 && clusterFormation(facts.hosts)),
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}

/** The node would otherwise take the memory and the disk of the machine for its own. */
function resourceLimits({ memory, storage }: BrokerConfigurationFacts) {
  const limit = bytesOf(memory);
  return {
    // What the runtime needs besides messages stays out of the account, as in RabbitMQ's own operator.
    total_memory_available_override_value: limit - Math.min(Math.floor(limit / 5), 2 * 2 ** 30),
    "vm_memory_high_watermark.relative": 0.6,
    // Publishers are stopped before the volume is full, and not for ever on a small one.
    "disk_free_limit.absolute": Math.min(2_000_000_000, Math.floor(bytesOf(storage) / 5)),
    // The write-ahead log of quorum queues is also kept in memory, up to three times; the default is 512 MB.
    "raft.wal_max_size_bytes": 64_000_000,
  };
}

function clusterFormation(hosts: readonly string[]) {
  return {
    "cluster_formation.peer_discovery_backend": "classic_config",
    ...Object.fromEntries(
      hosts.map((host, index) => [`cluster_formation.classic_config.nodes.${index + 1}`, nodeName(host)]),
    ),
    "cluster_formation.target_cluster_size_hint": hosts.length,
    // A node that gives up looking for the others becomes a cluster of its own. It must not: the start-up probe ends it before.
    "cluster_formation.discovery_retry_limit": 3600,
    "cluster_formation.discovery_retry_interval": 1000,
    // The side with fewer nodes stops serving, so that no two sides accept different messages.
    cluster_partition_handling: "pause_minority",
    queue_leader_locator: "balanced",
    // The first node imports the definitions while it is still alone; this spreads its queues over the nodes that join.
    "quorum_queue.continuous_membership_reconciliation.enabled": "true",
    "quorum_queue.continuous_membership_reconciliation.target_group_size": hosts.length,
  };
}
