import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { catalogue, type ToolName } from "../tools/catalogue";
import { baseObjects } from "./base-objects";
import type { ClusterPorts } from "./ports";

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
export const stageFiles = [join(__dirname, "pod-stages.yaml"), join(__dirname, "address-stages.yaml")] as const;

/** What kwokctl is told, as YAML. */
export function kwokctlConfiguration(ports: ClusterPorts, tools: ClusterTools, auditLog: boolean): string {
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
      ...(auditLog && { kubeAuditPolicy: AUDIT_POLICY }),
    },
    componentsPatches: [
      // The API server's default, 10.0.0.0/24, has room for 254 Services and is where KWOK puts the pods.
      { name: "kube-apiserver", extraArgs: [{ key: "service-cluster-ip-range", value: "10.96.0.0/16" }] },
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
  const ports: ClusterPorts = { apiServer: 1, etcd: 2, etcdPeer: 3, controllerManager: 4, scheduler: 5, kwok: 6 };
  const versions = Object.fromEntries(
    clusterTools.map((name) => [name, `${name}-${catalogue[name].version}`]),
  ) as unknown as ClusterTools;
  const hash = createHash("sha256").update(kwokctlConfiguration(ports, versions, auditLog).replaceAll(__dirname, ""));
  for (const file of [...stageFiles, AUDIT_POLICY]) hash.update(readFileSync(file));
  return hash.update(JSON.stringify(baseObjects)).digest("hex");
}
