import * as pulumi from "@pulumi/pulumi";
import type { AmqpEndpoint, BrokerManagementEndpoint } from "../contracts";

export interface ExternalAmqpFacts {
  /** DNS name or address. */
  readonly host: string;
  /** AMQP 0-9-1 without TLS. */
  readonly port: number;
  /** Address ranges where the broker lives, for the network policies. */
  readonly cidrs: readonly string[];
  readonly username: string;
  readonly password: pulumi.Input<string>;
  /** @default / */
  readonly virtualHost?: string;
}

/** A login at a broker that somebody else runs. Its queues must exist before the clients start; see `docs/rabbitmq.md`. */
export function externalAmqp(facts: ExternalAmqpFacts): AmqpEndpoint {
  return {
    protocol: "amqp",
    system: "RabbitMQ (external)",
    ports: [facts.port],
    peer: { cidrs: facts.cidrs },
    host: facts.host,
    port: facts.port,
    virtualHost: facts.virtualHost ?? "/",
    username: facts.username,
    password: pulumi.secret(facts.password),
    ready: [],
  };
}

/** A login at the management interface of a broker that somebody else runs; `port` is the one of that interface. */
export function externalBrokerManagement(facts: ExternalAmqpFacts): BrokerManagementEndpoint {
  return { ...externalAmqp(facts), protocol: "http" };
}
