import * as pulumi from "@pulumi/pulumi";
import type { MariaDbEndpoint } from "../contracts";
import type { MariaDbAdministration } from "./mariadb-administrator";

export interface ExternalMariaDbFacts {
  /** DNS name or address. */
  readonly host: string;
  readonly port: number;
  /** Address ranges where the server lives, for the network policies. */
  readonly cidrs: readonly string[];
}

/** What both contracts of a server that somebody else runs have in common. */
function place({ host, port, cidrs }: ExternalMariaDbFacts) {
  return { system: "MariaDB (external)", ports: [port], peer: { cidrs }, host, port, ready: [] };
}

/** The administrator of a server that somebody else runs; the platform makes schemas and logins there. */
export function externalMariaDbAdministration(
  facts: ExternalMariaDbFacts & {
    readonly username: string;
    readonly password: pulumi.Input<string>;
    /** PEM of the authority that signed the server's certificate. @default the certificate is not looked at */
    readonly certificateAuthority?: string | undefined;
  },
): MariaDbAdministration {
  const { username, password, certificateAuthority } = facts;
  return {
    ...place(facts),
    username,
    password: pulumi.secret(password),
    ...(certificateAuthority !== undefined && { certificateAuthority: pulumi.output(certificateAuthority) }),
  };
}

/** A login that somebody else made, with its schema and tables. */
export function externalMariaDb(
  facts: ExternalMariaDbFacts & {
    readonly database: string;
    readonly username: string;
    readonly password: pulumi.Input<string>;
  },
): MariaDbEndpoint {
  const { host, port, database, username, password } = facts;
  // An address of IPv6 has to be set apart from the port.
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return { ...place(facts), address, database, username, password: pulumi.secret(password) };
}
