import { bytesOf } from "../kubernetes/quantity";

/** MariaDB's port, in the pod and of the Service (seed). */
export const MARIADB_PORT = 3306;

/** Where the file of {@link administratorScript} is mounted. */
export const ADMINISTRATOR_FILE = "/run/secrets/mariadb/administrator.sql";

/** Character set and collation of the server and of every schema that the platform makes. Keycloak needs `utf8mb4`. */
export const characterSet = { name: "utf8mb4", collation: "utf8mb4_unicode_ci" } as const;

const MIB = 2 ** 20;

export interface MariaDbConfigurationFacts {
  /** Connections of all clients together. */
  readonly maxConnections: number;
  /** Memory limit of the server, a Kubernetes quantity. */
  readonly memory: string;
}

/** The server's option file. What has no reason here is as upstream runs it. */
export function serverConfiguration({ maxConnections, memory }: MariaDbConfigurationFacts): string {
  const limit = Math.floor(bytesOf(memory) / MIB);
  const pool = Math.floor((limit * 2) / 5);
  const settings: Readonly<Record<string, string | number>> = {
    "character-set-server": characterSet.name,
    "collation-server": characterSet.collation,
    // The plugin that the Java clients log in with; the other one is built in.
    plugin_load_add: "auth_ed25519",
    init_file: ADMINISTRATOR_FILE,
    "skip-name-resolve": 1,
    max_connections: maxConnections,
    interactive_timeout: 1200,
    wait_timeout: 1200,
    innodb_buffer_pool_size: `${pool}M`,
    // A connection takes it when it sorts; a third of the rest keeps all of them together below the limit.
    sort_buffer_size: `${Math.max(64, Math.floor(((limit - pool) * 1024) / 3 / maxConnections))}K`,
    // No client loads files, and a hostile server or client could use it to read some.
    local_infile: 0,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `[mariadbd]\n${lines.join("\n")}\n`;
}
