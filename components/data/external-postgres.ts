import * as pulumi from "@pulumi/pulumi";
import type { PostgresEndpoint, PostgresSslMode } from "../contracts";
import { postgresUrl } from "./postgres-url";

export interface ExternalPostgresFacts {
  /** DNS name or address. */
  readonly host: string;
  readonly port: number;
  /** Address ranges where the server lives, for the network policies. */
  readonly cidrs: readonly string[];
  readonly database: string;
  /** Role that owns the database: clients make their tables themselves. */
  readonly username: string;
  readonly password: pulumi.Input<string>;
  readonly sslmode: PostgresSslMode;
  /** PEM of the authority that signed the server's certificate. */
  readonly certificateAuthority?: string | undefined;
}

/** A database on a server that somebody else runs. Database and role must exist; see `docs/postgres.md`. */
export function externalPostgres(facts: ExternalPostgresFacts): PostgresEndpoint {
  const { cidrs, certificateAuthority, password, ...rest } = facts;
  return {
    system: "PostgreSQL (external)",
    ports: [facts.port],
    peer: { cidrs },
    host: facts.host,
    port: facts.port,
    database: facts.database,
    username: facts.username,
    password: pulumi.secret(password),
    sslmode: facts.sslmode,
    ...(certificateAuthority !== undefined && { certificateAuthority: pulumi.output(certificateAuthority) }),
    url: pulumi.secret(pulumi.output(password).apply((each) => postgresUrl({ ...rest, password: each }))),
    ready: [],
  };
}
