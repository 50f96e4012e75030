/** What one client of the broker may do in the virtual host; regular expressions over names, `^$` matches nothing. */
export interface BrokerAccess {
  /** Name of the user at the broker. */
  readonly username: string;
  /** Queues and exchanges that it may declare and delete. */
  readonly configure: string;
  /** Exchanges that it may publish to and queues that it may bind; the default exchange is called `amq.default` here. */
  readonly write: string;
  /** Queues that it may consume, get from and purge. */
  readonly read: string;
  /** Rights at the management interface. @default none */
  readonly tags?: readonly ("administrator" | "monitoring" | "policymaker" | "management")[];
}

/** A durable quorum queue: it survives a restart of the broker and the loss of a minority of its nodes. */
export interface BrokerQueue {
  readonly name: string;
  /**
   * `x-…` arguments. They cannot be changed once the queue exists, so whatever may change belongs into a policy.
   * @default none
   */
  readonly arguments?: Readonly<Record<string, string | number>>;
}

/** Settings of queues that can be changed at any time. A queue follows one policy only: the matching one that ranks highest. */
export interface BrokerPolicy {
  readonly name: string;
  /** Regular expression over queue names. */
  readonly pattern: string;
  readonly definition: Readonly<Record<string, string | number>>;
  /** The highest wins. @default 0 */
  readonly priority?: number;
}

/** The people who run the broker. */
export const brokerAdministrator: BrokerAccess = {
  username: "administrator",
  configure: ".*",
  write: ".*",
  read: ".*",
  tags: ["administrator"],
};
