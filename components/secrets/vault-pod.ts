import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { PodLabels } from "../contracts";
import { spreadOverNodes } from "../kubernetes/affinity";
import { type Resources, type RestrictedContainer, restrictedPod } from "../kubernetes/pod";
import { execProbe, httpProbe, startsWithin } from "../kubernetes/probes";
import { CERTIFICATE_DIRECTORY, certificateFiles, DATA_DIRECTORY, vaultPorts } from "./vault-configuration";
import { KEYS_ENTRY, UNSEAL_SCRIPT } from "./vault-files";
import { SEAL_DIRECTORY, type SealCredentials } from "./vault-seal";

/** User and group `vault` of the image. */
const IDENTITY = { uid: 100, gid: 1000 };

/** Template of the claims: the pods' claims are called `data-vault-0` and so on (upstream). */
export const DATA_VOLUME = "data";
export const CONFIGURATION_FILE = "vault.json";

const CONFIGURATION_VOLUME = "configuration";
const CONFIGURATION_DIRECTORY = "/etc/vault";
const CERTIFICATE_VOLUME = "certificate";
const SEAL_VOLUME = "seal";
const KEYS_VOLUME = "keys";
const KEYS_DIRECTORY = "/run/secrets/vault-keys";
const SCRIPTS_VOLUME = "unseal-scripts";
const SCRIPTS_DIRECTORY = "/opt/unseal";
const HEARTBEAT_FILE = "/tmp/heartbeat";

export interface VaultPodFacts {
  readonly image: ResolvedImage;
  readonly resources: Resources;
  readonly podLabels: PodLabels;
  readonly serviceAccountName: pulumi.Input<string>;
  /** ConfigMap with {@link CONFIGURATION_FILE}, and with the scripts where {@link unsealer} is set. */
  readonly configurationName: pulumi.Input<string>;
  /** Host name of the Service that gives each pod a name of its own. */
  readonly nodeHost: string;
  readonly tls: boolean;
  /** Secret with `certificateFiles`; needed with TLS. */
  readonly certificateName?: pulumi.Input<string> | undefined;
  readonly seal?: SealCredentials | undefined;
  /** What opens the node after a start with the keys of the Secret. @default the node opens itself */
  readonly unsealer?: { readonly image: ResolvedImage; readonly keysName: pulumi.Input<string> } | undefined;
}

/** One node, with the container beside it that opens it after each start. */
export function vaultPod(facts: VaultPodFacts): types.input.core.v1.PodSpec {
  const { certificateName, seal, unsealer } = facts;
  return restrictedPod({
    identity: IDENTITY,
    serviceAccountName: facts.serviceAccountName,
    containers: [server(facts), ...(unsealer === undefined ? [] : [sidecar(facts, unsealer.image)])],
    volumes: [
      {
        name: CONFIGURATION_VOLUME,
        configMap: { name: facts.configurationName, items: [{ key: CONFIGURATION_FILE, path: CONFIGURATION_FILE }] },
      },
      ...(certificateName === undefined
        ? []
        : [{ name: CERTIFICATE_VOLUME, secret: { secretName: certificateName, defaultMode: 0o440 } }]),
      ...(seal?.as === "files"
        ? [{ name: SEAL_VOLUME, secret: { secretName: seal.secretName, defaultMode: 0o440 } }]
        : []),
      ...(unsealer === undefined
        ? []
        : [
            { name: SCRIPTS_VOLUME, configMap: { name: facts.configurationName } },
            // Empty until Vault has been initialised.
            { name: KEYS_VOLUME, secret: { secretName: unsealer.keysName, defaultMode: 0o440 } },
          ]),
    ],
    placement: {
      affinity: spreadOverNodes(facts.podLabels),
      terminationGracePeriodSeconds: 30, // hands over the lead and seals itself
    },
  });
}

function server(facts: VaultPodFacts): RestrictedContainer {
  const { seal, tls } = facts;
  // A sealed node works as it should, it only serves nobody: killing it would help nobody.
  const lives = health("standbyok=true&perfstandbyok=true&sealedcode=204&uninitcode=204", tls);
  return {
    name: "vault",
    image: facts.image,
    // Past the image's entry point, which wants to be root and to set capabilities.
    command: ["vault", "server", `-config=${CONFIGURATION_DIRECTORY}/${CONFIGURATION_FILE}`],
    ports: [
      { name: "http", containerPort: vaultPorts.api, protocol: "TCP" },
      { name: "cluster", containerPort: vaultPorts.cluster, protocol: "TCP" },
    ],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "VAULT_RAFT_NODE_ID", value: "$(POD_NAME)" },
      { name: "VAULT_API_ADDR", value: `${tls ? "https" : "http"}://$(POD_NAME).${facts.nodeHost}:${vaultPorts.api}` },
      { name: "VAULT_CLUSTER_ADDR", value: `https://$(POD_NAME).${facts.nodeHost}:${vaultPorts.cluster}` },
      // For people who open a shell in the pod.
      { name: "VAULT_ADDR", value: localUrl(tls) },
      ...(tls ? [{ name: "VAULT_CACERT", value: `${CERTIFICATE_DIRECTORY}/${certificateFiles.authority}` }] : []),
    ],
    ...(seal?.as === "variables" && { envFrom: [{ secretRef: { name: seal.secretName } }] }),
    resources: facts.resources,
    startupProbe: startsWithin(300, lives),
    readinessProbe: health("standbyok=true&perfstandbyok=true", tls),
    livenessProbe: lives,
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: DATA_DIRECTORY },
      { name: CONFIGURATION_VOLUME, mountPath: CONFIGURATION_DIRECTORY, readOnly: true },
      ...certificateMount(tls),
      ...(seal?.as === "files" ? [{ name: SEAL_VOLUME, mountPath: SEAL_DIRECTORY, readOnly: true }] : []),
    ],
    writable: ["/tmp", "/home/vault"], // raft snapshots, and the token of whoever logs in in the pod
  };
}

function sidecar({ tls }: VaultPodFacts, image: ResolvedImage): RestrictedContainer {
  const beats = execProbe(["sh", "-c", `test -n "$(find ${HEARTBEAT_FILE} -mmin -5)"`], { periodSeconds: 30 });
  return {
    name: "unsealer",
    image,
    command: ["python3", "-B", `${SCRIPTS_DIRECTORY}/${UNSEAL_SCRIPT}`],
    env: [
      { name: "VAULT_URL", value: localUrl(tls) },
      { name: "VAULT_CA_FILE", value: tls ? `${CERTIFICATE_DIRECTORY}/${certificateFiles.authority}` : "" },
      { name: "KEYS_FILE", value: `${KEYS_DIRECTORY}/${KEYS_ENTRY}` },
      { name: "HEARTBEAT_FILE", value: HEARTBEAT_FILE },
    ],
    resources: { requests: { cpu: "10m", memory: "24Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
    startupProbe: startsWithin(60, beats),
    readinessProbe: beats,
    livenessProbe: beats,
    volumeMounts: [
      { name: SCRIPTS_VOLUME, mountPath: SCRIPTS_DIRECTORY, readOnly: true },
      { name: KEYS_VOLUME, mountPath: KEYS_DIRECTORY, readOnly: true },
      ...certificateMount(tls),
    ],
    writable: ["/tmp"],
  };
}

function certificateMount(tls: boolean) {
  return tls ? [{ name: CERTIFICATE_VOLUME, mountPath: CERTIFICATE_DIRECTORY, readOnly: true }] : [];
}

function localUrl(tls: boolean): string {
  return tls ? `https://localhost:${vaultPorts.api}` : `http://127.0.0.1:${vaultPorts.api}`;
}

/** @param query which states of a node count as good, see Vault's documentation of /sys/health */
function health(query: string, tls: boolean): types.input.core.v1.Probe {
  const path = `/v1/sys/health?${query}`;
  const probe = httpProbe(path, "http");
  return tls ? { ...probe, httpGet: { path, port: "http", scheme: "HTTPS" } } : probe;
}
