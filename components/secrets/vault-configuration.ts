import { stableJson } from "../kubernetes/checksum";

export const vaultPorts = {
  /** API and user interface. */
  api: 8200,
  /** What the nodes say to each other, always encrypted. */
  cluster: 8201,
} as const;

/** Mount point of a node's volume (upstream). */
export const DATA_DIRECTORY = "/vault/data";

/** Where a pod finds the listener's certificate, its key and the authority. */
export const CERTIFICATE_DIRECTORY = "/etc/vault-certificate";

/** Certificate, key and authority in {@link CERTIFICATE_DIRECTORY} and in the Secret behind it. */
export const certificateFiles = { certificate: "tls.crt", key: "tls.key", authority: "ca.crt" } as const;

/** Path of the metrics; Vault sees by the header Accept that Prometheus asks. */
export const METRICS_PATH = "/v1/sys/metrics";

/** A seal stanza: what opens the nodes by itself. Secrets are not among the parameters, they come by environment. */
export interface SealStanza {
  readonly type: "transit" | "awskms" | "gcpckms" | "azurekeyvault" | "ocikms" | "alicloudkms";
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ServerConfiguration {
  /** Addresses that the node listens on, `host:port`. @default all, on the ports of {@link vaultPorts} */
  readonly listen?: { readonly api: string; readonly cluster: string };
  /** @default {@link DATA_DIRECTORY} */
  readonly dataDirectory?: string;
  /** Addresses of all nodes, where there are several: a new one joins the first that is open. */
  readonly peers: readonly string[];
  /** The listener speaks TLS with the files in {@link CERTIFICATE_DIRECTORY}. */
  readonly tls: boolean;
  /** Serve metrics without a login. */
  readonly metrics: boolean;
  readonly seal?: SealStanza | undefined;
}

/** The configuration file of a node, JSON. Name and addresses of the node itself come by environment. */
export function serverConfiguration(facts: ServerConfiguration): string {
  const { listen = { api: `[::]:${vaultPorts.api}`, cluster: `[::]:${vaultPorts.cluster}` }, seal } = facts;
  const file = (name: keyof typeof certificateFiles) => `${CERTIFICATE_DIRECTORY}/${certificateFiles[name]}`;
  return stableJson(
    {
      ui: true,
      // Locking memory takes a capability that the pod must not have; nodes of a cluster run without swap.
      disable_mlock: true,
      listener: {
        tcp: {
          address: listen.api,
          cluster_address: listen.cluster,
          ...(facts.tls
            ? { tls_cert_file: file("certificate"), tls_key_file: file("key"), tls_min_version: "tls12" }
            : { tls_disable: true }),
          ...(facts.metrics && { telemetry: { unauthenticated_metrics_access: true } }),
        },
      },
      storage: {
        raft: {
          path: facts.dataDirectory ?? DATA_DIRECTORY,
          ...(facts.peers.length > 1 && {
            retry_join: facts.peers.map((address) => ({
              leader_api_addr: address,
              ...(facts.tls && { leader_ca_cert_file: file("authority") }),
            })),
          }),
        },
      },
      ...(facts.metrics && { telemetry: { prometheus_retention_time: "24h", disable_hostname: true } }),
      ...(seal !== undefined && { seal: { [seal.type]: seal.parameters } }),
    },
    2,
  );
}
