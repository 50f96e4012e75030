import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { catalogue, type ToolName } from "../tools/catalogue";
import { API_SERVICE_ADDRESS, HOST_SEEN_FROM_NODE, SERVICE_RANGE } from "./addresses";
import { baseObjects } from "./base-objects";
import { type ClusterPorts, portBlock } from "./ports";

/** The programs a cluster consists of; kwokctl and kubectl only start it. */
export const clusterTools = [
  "kwok",
  "kwokctl",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
] as const satisfies readonly ToolName[];

export type ClusterTools = Readonly<Record<(typeof clusterTools)[number], string>>;

const AUDIT_POLICY = join(__dirname, "audit-policy.yaml");

/** Behaviour of nodes, pods and addresses, given to KWOK beside the configuration. */
export const stageFiles = ["node-stages.yaml", "pod-stages.yaml", "address-stages.yaml"].map((file) =>
  join(__dirname, file),
);

/**
 * What lets a real node join. It is there without one too, so that a node can come and go while the cluster runs.
 * @param pki the folder with the cluster's certificates
 */
function realNodeArguments(pki: string): { readonly key: string; readonly value: string }[] {
  return [
    // What the Service `kubernetes` leads to. Loopback is not allowed there, and nothing simulated ever goes there.
    { key: "advertise-address", value: HOST_SEEN_FROM_NODE },
    // The kubelet's port is forwarded to this machine's loopback, which the node states as its external address.
    { key: "kubelet-preferred-address-types", value: "ExternalIP,InternalIP" },
    { key: "kubelet-client-certificate", value: join(pki, "admin.crt") },
    { key: "kubelet-client-key", value: join(pki, "admin.key") },
    // Pods with an image for it are sent to the real node by a policy, see sandbox/node/placement.ts.
    { key: "feature-gates", value: "MutatingAdmissionPolicy=true" },
    { key: "runtime-config", value: "admissionregistration.k8s.io/v1beta1=true" },
  ];
}

/**
 * What kwokctl is told, as YAML.
 * @param pki the folder with the cluster's certificates
 */
export function kwokctlConfiguration(ports: ClusterPorts, tools: ClusterTools, auditLog: boolean, pki: string): string {
  // One instance each: no election to wait for after a restart, when the lease of the stopped one still runs.
  const alone = { key: "leader-elect", value: "false" };
  return stringify({
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      // kwokctl's default is every interface, and its etcd has neither password nor TLS.
      bindAddress: "127.0.0.1",
      kubeApiserverPort: ports.apiServer,
      etcdPort: ports.etcd,
      etcdPeerPort: ports.etcdPeer,
      kubeControllerManagerPort: ports.controllerManager,
      kubeSchedulerPort: ports.scheduler,
      kwokControllerPort: ports.kwok,
      etcdBinary: tools.etcd,
      kubeApiserverBinary: tools["kube-apiserver"],
      kubeControllerManagerBinary: tools["kube-controller-manager"],
      kubeSchedulerBinary: tools["kube-scheduler"],
      kwokControllerBinary: tools.kwok,
      kubectlBinary: tools.kubectl,
      kubeApiserverCertSANs: [API_SERVICE_ADDRESS, HOST_SEEN_FROM_NODE],
      ...(auditLog && { kubeAuditPolicy: AUDIT_POLICY }),
    },
    componentsPatches: [
      {
        name: "kube-apiserver",
        extraArgs: [{ key: "service-cluster-ip-range", value: SERVICE_RANGE }, ...realNodeArguments(pki)],
      },
      // Its default is every node, and it would report the pods of a real one as ready.
      {
        name: "kwok-controller",
        extraArgs: [
          { key: "manage-all-nodes", value: "false" },
          { key: "manage-nodes-with-annotation-selector", value: "kwok.x-k8s.io/node=fake" },
          // Without leases on nodes: KWOK has a new name at each start, and would leave pods alone until the leases of the
          // one before have run out, for almost a minute.
          { key: "node-lease-duration-seconds", value: "0" },
        ],
      },
      {
        name: "kube-controller-manager",
        extraArgs: [alone, { key: "enable-hostpath-provisioner", value: "true" }],
      },
      { name: "kube-scheduler", extraArgs: [alone] },
    ],
  });
}

/**
 * Changes when this checkout would start the cluster differently from the way it was started: other versions, other
 * stages, other objects. A running cluster with another fingerprint is started anew, on the same data.
 */
export function fingerprint(auditLog: boolean): string {
  const ports: ClusterPorts = portBlock(0);
  const versions = Object.fromEntries(
    clusterTools.map((name) => [name, `${name}-${catalogue[name].version}`]),
  ) as unknown as ClusterTools;
  const hash = createHash("sha256").update(
    kwokctlConfiguration(ports, versions, auditLog, "pki").replaceAll(__dirname, ""),
  );
  for (const file of [...stageFiles, AUDIT_POLICY]) hash.update(readFileSync(file));
  return hash.update(JSON.stringify(baseObjects)).digest("hex");
}
