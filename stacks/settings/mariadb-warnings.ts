import type { Settings } from "./schema";

/** What works in MariaDB's settings but deserves a second look. */
export function mariadbWarnings({ kpaas, mariadb }: Settings): string[] {
  return kpaas.enabled && mariadb.external === undefined && mariadb.nodePort !== undefined
    ? [
        "platform:mariadb.nodePort is set: everybody who reaches a node can try passwords at the database, and applications log in without TLS. " +
          "Remove it; pods of the platform reach the database without it, and people by `kubectl port-forward`.",
      ]
    : [];
}
