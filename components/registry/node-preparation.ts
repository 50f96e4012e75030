import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, NamespaceBinding, NetworkPlace, Workload } from "../contracts";
import { checksumAnnotation } from "../kubernetes/checksum";
import { exceptionAnnotations, type PolicyExceptions } from "../kubernetes/exceptions";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { restrictedPod } from "../kubernetes/pod";

const NAME = "registry-node-preparation";
const SCRIPT_FILE = "prepare_node.py";
const AUTHORITY_KEY = "ca.crt";
const FILES_DIRECTORY = "/etc/registry-node-preparation";
const CERTS_MOUNT = "/node/certs.d";
const HOSTS_MOUNT = "/node/hosts";

/** The script that the pods run. */
export const nodePreparationScript = readFileSync(join(__dirname, "scripts", SCRIPT_FILE), "utf8");

/** Why the namespace of these pods cannot be `restricted`. */
export const nodePreparationNamespace: PolicyExceptions = {
  "pod-security-restricted":
    "Its only pods write containerd's registry configuration and the hosts file on the nodes, which takes root and host paths.",
};

export interface NodePreparationArgs {
  /** One of its own, of the Pod Security level `privileged`. */
  readonly namespace: NamespaceBinding;
  /** Python 3; the script uses the standard library only. */
  readonly image: ResolvedImage;
  readonly registry: {
    readonly scheme: "http" | "https";
    /** Host and port as image references begin. */
    readonly host: string;
    readonly certificateAuthority?: pulumi.Output<string> | undefined;
  };
  /** Address that the host stands for on the nodes. @default their DNS knows it */
  readonly address?: string | undefined;
  /** containerd's directory for registries on the nodes. Seed: /etc/containerd/certs.d. */
  readonly certsDirectory: string;
}

/**
 * Lets the nodes pull from a registry without public TLS. It gives these pods power over the nodes, so it is for
 * clusters whose nodes nobody can prepare in another way; `docs/harbor.md` tells the other way.
 */
export class NodePreparation extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  /** They talk to nobody. */
  readonly connections: readonly Connection[] = [];

  constructor(name: string, args: NodePreparationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:registry:NodePreparation", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const facts = { system: "harbor", software: NAME, instance: NAME };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "node-preparation" });
    const metadata = { name: NAME, namespace: args.namespace.name, labels };
    const { certificateAuthority } = args.registry;
    const data = {
      [SCRIPT_FILE]: nodePreparationScript,
      ...(certificateAuthority !== undefined && { [AUTHORITY_KEY]: certificateAuthority }),
    };
    const configMap = new ConfigMap(`${name}-files`, { metadata, data }, fixedName);
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, fixedName);
    new DaemonSet(
      `${name}-nodes`,
      {
        metadata: {
          ...metadata,
          annotations: exceptionAnnotations({
            "no-liveness-probe": "It serves nobody and looks at two files once a minute; it ends when it cannot.",
            "no-readiness-probe": "It serves nobody: it writes files on its node.",
            "pss-host-path-volumes": "The files that it writes belong to the node.",
            "pss-run-as-user": "The files that it writes belong to the node's root.",
            "pss-volume-types": "The files that it writes belong to the node.",
            "run-as-non-root": "The files that it writes belong to the node's root.",
            "writable-host-mount": "Writing containerd's registry configuration and the hosts file is all it does.",
          }),
        },
        spec: {
          selector: { matchLabels: podLabels },
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%" } },
          template: {
            metadata: { labels, annotations: checksumAnnotation(pulumi.jsonStringify(data)) },
            spec: nodePreparationPod(args),
          },
        },
      },
      { ...fixedName, dependsOn: [configMap, account] },
    );
    this.workloads = [{ system: "harbor", name: NAME, namespace: args.namespace.plainName, podLabels }];
    this.registerOutputs({});
  }
}

function nodePreparationPod({ image, registry, address = "", certsDirectory }: NodePreparationArgs) {
  const env = {
    AUTHORITY_FILE: `${FILES_DIRECTORY}/${AUTHORITY_KEY}`,
    CERTS_DIRECTORY: CERTS_MOUNT,
    CERTS_NODE_PATH: certsDirectory,
    HOSTS_FILE: HOSTS_MOUNT,
    REGISTRY_ADDRESS: address,
    REGISTRY_HOST: registry.host,
    REGISTRY_SCHEME: registry.scheme,
  };
  return {
    ...restrictedPod({
      identity: { uid: 0 },
      serviceAccountName: NAME,
      containers: [
        {
          name: "prepare",
          image,
          command: ["python3", "-B", `${FILES_DIRECTORY}/${SCRIPT_FILE}`],
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
          volumeMounts: [
            { name: "files", mountPath: FILES_DIRECTORY, readOnly: true },
            { name: "certs", mountPath: CERTS_MOUNT },
            { name: "hosts", mountPath: HOSTS_MOUNT },
          ],
        },
      ],
      volumes: [
        { name: "files", configMap: { name: NAME } },
        { name: "certs", hostPath: { path: certsDirectory, type: "DirectoryOrCreate" } },
        { name: "hosts", hostPath: { path: "/etc/hosts", type: "File" } },
      ],
    }),
    tolerations: [{ operator: "Exists" }], // every node pulls, tainted or not
  };
}
