import { existsSync } from "node:fs";
import { isRunning as isNodeRunning } from "../node";
import { type ApiClient, apiClient, isReady } from "./api-client";
import { type Layout, layoutOf } from "./layout";
import type { ClusterPorts } from "./ports";
import { type ComponentName, componentNames, findProcesses } from "./processes";
import { hasData, readRecord } from "./record";
import { readNodes } from "./start";

export interface ComponentStatus {
  readonly component: ComponentName;
  /** Undefined when it does not run. */
  readonly pid: number | undefined;
  /** Resident memory; 0 when it does not run. */
  readonly memoryBytes: number;
  /** On 127.0.0.1. Empty when the cluster was never up. */
  readonly ports: readonly number[];
}

export interface ClusterStatus {
  /**
   * running: usable. stopped: its data is there, no process is. absent: was never up, or was reset.
   * broken: some of it is there, and `clusterUp` will repair it.
   */
  readonly state: "running" | "stopped" | "absent" | "broken";
  /** What is broken. */
  readonly reason: string | undefined;
  readonly name: string;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly server: string | undefined;
  /** As the API server states it, e.g. "v1.34.4". Only when running. */
  readonly kubernetesVersion: string | undefined;
  readonly components: readonly ComponentStatus[];
  readonly nodes: readonly { readonly name: string; readonly ready: boolean }[];
  /** Number of objects by namespace and plural kind, without Kubernetes' own namespaces. Only when running. */
  readonly objects: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The node that runs containers. */
  readonly realNode: {
    /** Whether it belongs to the cluster. */
    readonly wanted: boolean;
    readonly running: boolean;
  };
}

/** The kinds that tell a reader what is deployed. */
const countedKinds: Readonly<Record<string, string>> = {
  deployments: "/apis/apps/v1/deployments",
  statefulsets: "/apis/apps/v1/statefulsets",
  jobs: "/apis/batch/v1/jobs",
  pods: "/api/v1/pods",
  services: "/api/v1/services",
  ingresses: "/apis/networking.k8s.io/v1/ingresses",
  claims: "/api/v1/persistentvolumeclaims",
};

/** Looks, and changes nothing. */
export async function clusterStatus(options: { readonly directory?: string } = {}): Promise<ClusterStatus> {
  const layout = layoutOf(options.directory);
  const record = readRecord(layout);
  const processes = findProcesses(layout);
  const components = componentNames.map((component) => {
    const running = processes.find((each) => each.component === component);
    return {
      component,
      pid: running?.pid,
      memoryBytes: running?.memoryBytes ?? 0,
      ports: record === undefined ? [] : portsOf(component, record.ports),
    };
  });
  const missing = components.filter(({ pid }) => pid === undefined).map(({ component }) => component);
  const base = {
    name: layout.name,
    directory: layout.directory,
    kubeconfig: layout.kubeconfig,
    server: record === undefined ? undefined : serverUrl(record.ports),
    reason: undefined,
    kubernetesVersion: undefined,
    components,
    nodes: [],
    objects: {},
    realNode: { wanted: record?.node === "real", running: isNodeRunning(layout.node) },
  };
  const broken = (reason: string): ClusterStatus => ({ ...base, state: "broken", reason });

  if (processes.length === 0) return withoutProcesses(layout, base);
  if (record === undefined || !hasData(layout))
    return broken("it was never started to the end, or its files were removed");
  if (missing.length > 0) return broken(`not running: ${missing.join(", ")}`);
  if (base.realNode.wanted && !base.realNode.running) return broken("the real node does not run");
  const api = apiClient(record.ports.apiServer, layout.pki);
  if (!(await isReady(api))) return broken("the API server is not ready");
  try {
    const [nodes, kubernetesVersion, objects] = await Promise.all([
      readNodes(api),
      readVersion(api),
      countObjects(api),
    ]);
    return { ...base, state: "running", nodes, kubernetesVersion, objects };
  } catch (error) {
    return broken(`the API server no longer answers: ${(error as Error).message}`); // it has just ended, or its etcd has
  }
}

function withoutProcesses(layout: Layout, base: Omit<ClusterStatus, "state">): ClusterStatus {
  if (hasData(layout)) return { ...base, state: "stopped" };
  if (!existsSync(layout.cluster)) return { ...base, state: "absent" };
  return { ...base, state: "broken", reason: "it was never started to the end" };
}

export function serverUrl(ports: ClusterPorts): string {
  return `https://127.0.0.1:${ports.apiServer}`;
}

function portsOf(component: ComponentName, ports: ClusterPorts): number[] {
  const byComponent: Record<ComponentName, number[]> = {
    etcd: [ports.etcd, ports.etcdPeer],
    "kube-apiserver": [ports.apiServer],
    "kube-controller-manager": [ports.controllerManager],
    "kube-scheduler": [ports.scheduler],
    "kwok-controller": [ports.kwok],
  };
  return byComponent[component];
}

async function readVersion(api: ApiClient): Promise<string | undefined> {
  const { status, body } = await api.request("GET", "/version");
  return status === 200 ? (JSON.parse(body) as { gitVersion: string }).gitVersion : undefined;
}

async function countObjects(api: ApiClient): Promise<Record<string, Record<string, number>>> {
  const counts: Record<string, Record<string, number>> = {};
  await Promise.all(
    Object.entries(countedKinds).map(async ([kind, path]) => {
      const { status, body } = await api.request("GET", path);
      if (status !== 200) return;
      for (const { metadata } of (JSON.parse(body) as { items: { metadata: { namespace: string } }[] }).items) {
        if (metadata.namespace.startsWith("kube-")) continue;
        counts[metadata.namespace] ??= {};
        const ofNamespace = counts[metadata.namespace] ?? {};
        ofNamespace[kind] = (ofNamespace[kind] ?? 0) + 1;
      }
    }),
  );
  return counts;
}
