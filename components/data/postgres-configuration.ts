import { bytesOf } from "../kubernetes/quantity";

/** PostgreSQL's port, in the pod and of the Service (seed). */
export const POSTGRES_PORT = 5432;

/** Where the certificate is mounted, when the server has one. */
export const CERTIFICATE_DIRECTORY = "/etc/postgresql/certificate";

/** Where the files of `loginRules` are mounted. */
export const LOGIN_DIRECTORY = "/etc/postgresql/logins";

/** Name of the system user that the server runs as, in every image. */
export const SYSTEM_USER = "postgres";

const MIB = 2 ** 20;

export interface ServerConfigurationFacts {
  /** Connections of all clients together. */
  readonly maxConnections: number;
  /** Memory limit of the server, a Kubernetes quantity. */
  readonly memory: string;
  /** Serve TLS with the certificate in {@link CERTIFICATE_DIRECTORY}. */
  readonly tls: boolean;
}

/**
 * Settings of the server as command line arguments, which win over the file that lies in the volume. The shares of the
 * memory are those that PostgreSQL's manual recommends for a server of its own.
 */
export function serverArguments({ maxConnections, memory, tls }: ServerConfigurationFacts): string[] {
  const limit = Math.floor(bytesOf(memory) / MIB);
  const shared = Math.floor(limit / 4);
  const settings: Readonly<Record<string, string | number>> = {
    max_connections: maxConnections,
    shared_buffers: `${shared}MB`,
    effective_cache_size: `${Math.floor((limit * 3) / 4)}MB`,
    maintenance_work_mem: `${Math.max(16, Math.floor(limit / 16))}MB`,
    // A query may use it several times; a third of the rest keeps all connections together below the limit.
    work_mem: `${Math.max(1, Math.floor((limit - shared) / 3 / maxConnections))}MB`,
    // Clients that vanished with their node would otherwise hold their connection for two hours.
    tcp_keepalives_idle: 60,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 6,
    idle_in_transaction_session_timeout: "10min",
    ...(tls && {
      ssl: "on",
      ssl_cert_file: `${CERTIFICATE_DIRECTORY}/tls.crt`,
      ssl_key_file: `${CERTIFICATE_DIRECTORY}/tls.key`,
      ssl_min_protocol_version: "TLSv1.2",
    }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
