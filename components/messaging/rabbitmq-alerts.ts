import type { AlertRule } from "../operations/alert-rules";

export interface BrokerAlertFacts {
  /** Namespace of the broker; tells its metrics from those of other brokers. */
  readonly namespace: string;
  /** The queue that workers take tasks from. */
  readonly taskQueue: string;
  /** Where failed tasks end. Nobody consumes it. */
  readonly deadLetterQueue: string;
  /** Workers that are always there, each with one consumer. */
  readonly minimumConsumers: number;
}

/** What people have to hear of, told from the metrics under `/metrics/per-object`. The broker's alarms are not among them. */
export function brokerAlerts({
  namespace,
  taskQueue,
  deadLetterQueue,
  minimumConsumers,
}: BrokerAlertFacts): AlertRule[] {
  const own = `namespace="${namespace}"`;
  const ofQueue = (metric: string, queue: string) => `${metric}{${own},queue="${queue}"}`;
  // The node that leads a queue reports it; a node that led it before may do so for a while, too.
  const consumers = `max by (queue) (${ofQueue("rabbitmq_queue_consumers", taskQueue)})`;
  const waiting = ofQueue("rabbitmq_queue_messages_ready", taskQueue);
  return [
    {
      alert: "RabbitMqSilent",
      expr: `absent(rabbitmq_build_info{${own}})`,
      for: "10m",
      severity: "critical",
      summary: "No node of the broker tells its metrics, so none of its other alerts can fire.",
    },
    {
      alert: "RabbitMqMemoryAlarm",
      expr: `rabbitmq_process_resident_memory_bytes{${own}} > rabbitmq_resident_memory_limit_bytes{${own}}`,
      for: "5m",
      severity: "critical",
      summary: "The broker takes no messages until it needs less memory.",
    },
    {
      alert: "RabbitMqDiskAlarm",
      expr: `rabbitmq_disk_space_available_bytes{${own}} < rabbitmq_disk_space_available_limit_bytes{${own}}`,
      for: "5m",
      severity: "critical",
      summary: "The broker takes no messages until its volume has more room.",
    },
    {
      alert: "OpenCheckerTasksWithoutWorker",
      expr: `max by (queue) (${waiting}) > 0 and ${consumers} == 0`,
      for: "30m", // a worker that is just started pulls an image of several GB first
      severity: "critical",
      summary: "Tasks wait, and no worker takes any.",
    },
    ...(minimumConsumers > 0
      ? [
          {
            alert: "OpenCheckerWorkersMissing",
            expr: `${consumers} < ${minimumConsumers}`,
            for: "30m",
            severity: "warning",
            summary: `Fewer than ${minimumConsumers} workers take tasks. One that is ready all the same is connected without consuming: delete its pod.`,
          } as const,
        ]
      : []),
    {
      alert: "OpenCheckerTasksPilingUp",
      expr: `max by (queue) (delta(${waiting}[1h])) > 0`,
      for: "3h",
      severity: "warning",
      summary: "More and more tasks wait: there are too few workers.",
    },
    {
      alert: "OpenCheckerTasksRepeated",
      // One in an hour is what stopping a busy worker costs; `increase` estimates and may make a little more of it.
      expr: `sum(increase(rabbitmq_global_messages_redelivered_total{${own},queue_type="rabbit_quorum_queue"}[1h])) > 1.5`,
      severity: "warning",
      summary: "Workers end in the middle of their tasks, or take longer than the broker's consumer time-out.",
    },
    {
      alert: "OpenCheckerTaskFailed",
      expr: `max by (queue) (${ofQueue("rabbitmq_queue_messages", deadLetterQueue)}) > 0`,
      severity: "warning",
      summary: "Failed tasks lie in the queue of dead letters, which nobody consumes: look at them and purge it.",
    },
  ];
}
