import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../contracts";
import { identifiedBy } from "./mariadb-password";
import { sqlAccount } from "./mariadb-sql";

/** Login of the administrator at a MariaDB server, for what makes schemas and users there. */
export interface MariaDbAdministration extends Endpoint {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** PEM of the authority that signed the server's certificate. @default the certificate is not looked at */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** The server; whoever logs in depends on it. Empty when somebody else runs it. */
  readonly ready: readonly pulumi.Resource[];
}

/** The administrator of the platform's own servers. `root` may log in inside the pod only. */
export const ADMINISTRATOR = "platform_admin";

/** The user that the image makes for its own check. */
const PROBE_USER = "healthcheck";

/**
 * SQL that the server runs at each of its starts, as one statement on one line, which is what it can read. It makes the
 * administrator on a volume of whatever origin, or sets the password of the one that is there, and lets the system user of the pod in
 * without one, through the socket. While the image upgrades a volume the server runs without users, error 1290 says so, and while
 * it makes one without their tables, error 1146.
 *
 * `root` gets the password that the pod's client programs send, so that runbooks work on volumes of any origin. While the
 * image makes a new volume it asks as `root` without one; the user of the probes comes last there, so it marks the end.
 */
export function administratorScript(password: string, rootPassword: string): string {
  const account = sqlAccount(ADMINISTRATOR);
  const identified = identifiedBy("ed25519", password);
  const rootIdentified = identifiedBy("mysql_native_password", rootPassword);
  const statements = [
    "DECLARE CONTINUE HANDLER FOR 1290, 1146 BEGIN END",
    `CREATE USER IF NOT EXISTS ${account} ${identified}`,
    `ALTER USER ${account} ${identified}`,
    `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION`,
    "CREATE USER IF NOT EXISTS 'mysql'@'localhost' IDENTIFIED VIA unix_socket",
    "GRANT ALL PRIVILEGES ON *.* TO 'mysql'@'localhost' WITH GRANT OPTION",
    `IF EXISTS (SELECT 1 FROM mysql.global_priv WHERE User = '${PROBE_USER}') THEN ` +
      `CREATE USER IF NOT EXISTS 'root'@'localhost' ${rootIdentified}; ` +
      `ALTER USER 'root'@'localhost' ${rootIdentified}; ` +
      "GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION; END IF",
  ];
  return `BEGIN NOT ATOMIC ${statements.join("; ")}; END;\n`;
}
