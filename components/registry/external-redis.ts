import * as pulumi from "@pulumi/pulumi";
import type { RedisEndpoint } from "../contracts";

export interface ExternalRedisFacts {
  /** DNS name or address; not used with sentinels. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string | undefined;
  readonly password?: pulumi.Input<string> | undefined;
  readonly sentinel?: RedisEndpoint["sentinel"] | undefined;
  /** Address ranges where the server lives, for the network policies. */
  readonly cidrs: readonly string[];
  /** Ports for the network policies. @default `port` */
  readonly ports?: readonly number[] | undefined;
}

/** A Redis that somebody else runs. */
export function externalRedis(facts: ExternalRedisFacts): RedisEndpoint {
  const { port, tls, username, password, sentinel } = facts;
  return {
    system: "Redis (external)",
    ports: facts.ports ?? [port],
    peer: { cidrs: facts.cidrs },
    host: facts.host,
    port,
    tls,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: pulumi.secret(password) }),
    ...(sentinel !== undefined && { sentinel }),
  };
}
