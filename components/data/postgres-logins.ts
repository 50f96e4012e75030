import { ADMINISTRATOR } from "./postgres-access";
import { SYSTEM_USER } from "./postgres-configuration";

/** Keys of the ConfigMap with the rules, and so the names of the files. */
export const loginFiles = { rules: "pg_hba.conf", map: "pg_ident.conf" } as const;

const MAP = "pod";

/**
 * Who may log in how. The files lie outside of the volume, so that a volume of whatever origin gets the same. Inside the
 * container the system user is let in as any of these roles, through the socket: whoever runs commands there could be
 * the administrator anyway, and the commands of runbooks (`psql -U kubekloud_user kubekloud < backup.sql`) work as they
 * are written. From everywhere else, 127.0.0.1 too, a password is asked for.
 * @param roles that people may name in the container, besides the administrator
 */
export function loginRules(
  roles: readonly string[],
  systemUser: string = SYSTEM_USER,
): Readonly<Record<(typeof loginFiles)[keyof typeof loginFiles], string>> {
  return {
    [loginFiles.rules]: [
      `local all all peer map=${MAP}`,
      `local replication all peer map=${MAP}`,
      "host all all all scram-sha-256",
      "",
    ].join("\n"),
    [loginFiles.map]: [ADMINISTRATOR, ...roles]
      .map((role) => `${MAP} "${systemUser}" "${role.replaceAll('"', '""')}"\n`)
      .join(""),
  };
}
