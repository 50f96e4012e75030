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

/**
 * Size of the memory behind `/dev/shm`, a Kubernetes quantity. Workers of one query or one VACUUM share their work there,
 * up to `maintenance_work_mem` and more; a container gets 64 MiB unless it is told otherwise. It counts as memory of the pod.
 * @param memory limit of the server, a Kubernetes quantity
 */
export function sharedMemorySize(memory: string): string {
  return `${Math.max(64, Math.floor(bytesOf(memory) / MIB / 4))}Mi`;
}

/**
 * Options for initdb, which looks for huge pages before it reads any configuration; it can be told since PostgreSQL 16.
 * @param version the image's tag
 */
export function initialArguments(version: string): string {
  const [, major] = /^(\d+)(?:[.-]|$)/.exec(version) ?? [];
  return [
    // Nobody in the pod gets in without a password but the system user of the same name, through the socket.
    "--auth-local=peer --auth-host=scram-sha-256 --data-checksums",
    ...(Number(major ?? 0) >= 16 ? ["--set huge_pages=off"] : []),
  ].join(" ");
}

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
    // Where a node has some, the server would take them, and be killed for it: the pod has no share of them.
    huge_pages: "off",
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
