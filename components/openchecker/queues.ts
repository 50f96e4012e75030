import type { BrokerAccess, BrokerPolicy, BrokerQueue } from "../messaging/topology";

/** Where the API puts scan tasks and the workers take them; the name is fixed in OpenChecker's code. */
export const OPENCHECKER_QUEUE = "opencheck";

/** Where failed tasks end; the name is fixed in OpenChecker's code. Nobody consumes it. */
export const DEAD_LETTER_QUEUE = "dead_letters";

/** How the permission system of RabbitMQ calls the default exchange, which routes by queue name. */
const DEFAULT_EXCHANGE = "^amq\\.default$";
const NOTHING = "^$";

export interface OpenCheckerQueueFacts {
  /** How often a task is handed to a worker before it counts as poisonous. At least 1. */
  readonly deliveryLimit: number;
  /** Failed tasks that are kept; the oldest go first. */
  readonly deadLetterMaxMessages: number;
}

/**
 * The queues of OpenChecker. They must exist before the API starts: it only looks whether they are there, and would
 * otherwise make queues that lose every task when the broker restarts.
 */
export const openCheckerQueues: readonly BrokerQueue[] = [
  {
    name: OPENCHECKER_QUEUE,
    arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": DEAD_LETTER_QUEUE },
  },
  { name: DEAD_LETTER_QUEUE },
];

/** What may change over the life of the queues. */
export function openCheckerPolicies(facts: OpenCheckerQueueFacts): BrokerPolicy[] {
  return [
    {
      name: OPENCHECKER_QUEUE,
      pattern: `^${OPENCHECKER_QUEUE}$`,
      definition: {
        // The broker counts the times a message came back, which is one less than the times it went out.
        "delivery-limit": facts.deliveryLimit - 1,
        // A failed task leaves the queue only once `dead_letters` has it. This strategy demands the overflow mode.
        "dead-letter-strategy": "at-least-once",
        overflow: "reject-publish",
      },
    },
    {
      name: DEAD_LETTER_QUEUE,
      pattern: `^${DEAD_LETTER_QUEUE}$`,
      definition: { "max-length": facts.deadLetterMaxMessages, overflow: "drop-head" },
    },
  ];
}

/** Who uses the broker, each with no more than its code needs. Looking whether a queue exists takes no permission. */
export const openCheckerClients = {
  /** The API: publishes through the default exchange. */
  main: { username: "openchecker-main", configure: NOTHING, write: DEFAULT_EXCHANGE, read: NOTHING },
  /** The workers, which run code of strangers: they consume tasks and cannot publish any. */
  worker: { username: "openchecker-worker", configure: NOTHING, write: NOTHING, read: `^${OPENCHECKER_QUEUE}$` },
  /** The autoscaler: asks how long the queue is. */
  scaler: {
    username: "openchecker-scaler",
    configure: NOTHING,
    write: NOTHING,
    read: NOTHING,
    tags: ["management"],
  },
} as const satisfies Readonly<Record<string, BrokerAccess>>;
