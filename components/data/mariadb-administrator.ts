import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../contracts";
import { identifiedBy } from "./mariadb-password";
import { sqlAccount } from "./mariadb-sql";

/** Login of the administrator at a MariaDB server, for what makes schemas and users there. */
export interface MariaDbAdministration extends Endpoint {
  readonly host: pulumi.Output<string>;
  readonly port: number;
  readonly username: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** PEM of the authority that signed the server's certificate. @default the certificate is not looked at */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** The server; whoever logs in depends on it. Empty when somebody else runs it. */
  readonly ready: readonly pulumi.Resource[];
}

/** The administrator of the platform's own servers. `root` stays what it is, and may log in inside the pod only. */
export const ADMINISTRATOR = "platform_admin";

/**
 * SQL that the server runs at each of its starts, as one statement on one line, which is what it can read. It makes the
 * administrator on a volume of whatever origin, or sets the password of the one that is there, and lets the system user of the pod in
 * without one, through the socket. While the image upgrades a volume the server runs without users; error 1290 says so.
 */
export function administratorScript(password: string): string {
  const account = sqlAccount(ADMINISTRATOR);
  const identified = identifiedBy("ed25519", password);
  const statements = [
    "DECLARE CONTINUE HANDLER FOR 1290 BEGIN END",
    `CREATE USER IF NOT EXISTS ${account} ${identified}`,
    `ALTER USER ${account} ${identified}`,
    `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION`,
    "CREATE USER IF NOT EXISTS 'mysql'@'localhost' IDENTIFIED VIA unix_socket",
    "GRANT ALL PRIVILEGES ON *.* TO 'mysql'@'localhost' WITH GRANT OPTION",
  ];
  return `BEGIN NOT ATOMIC ${statements.join("; ")}; END;\n`;
}
