import type { KubernetesObject } from "@kubernetes/client-node";
import type { OutputMap } from "@pulumi/pulumi/automation";
import { LOAD_BALANCER, type LoadBalancerStatus, loadBalancerHost, urlHost } from "../../components/exposure/exposure";
import type { ClusterClient } from "../../sandbox/engine/cluster-client";
import { NODE_NAME } from "../../sandbox/node/configuration";
import { table } from "./table";

/** Every object that the program makes carries it. */
const OURS = "app.kubernetes.io/managed-by=pulumi";
const SYSTEM_LABEL = "app.kubernetes.io/part-of";

/** One row of the table that `npm start` ends with. */
export interface SystemRow {
  readonly system: string;
  readonly namespaces: readonly string[];
  /** Number of objects that the program made. */
  readonly objects: number;
  /** Deployments, StatefulSets, DaemonSets and Jobs, and how many of them are ready or complete. */
  readonly workloads: number;
  readonly ready: number;
  readonly url: string | undefined;
  /** Whether its pods run in containers: "real", "simulated", "real 2 of 3", "-" without pods. Only on the embedded cluster. */
  readonly runs?: string;
}

/** A workload's state as far as readiness goes; the kinds share their field names. */
interface Workload extends KubernetesObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly availableReplicas?: number;
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface Pod extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string };
}

/**
 * The platform's objects as they are in the cluster.
 * @param types type tokens of what the stack holds: only these kinds are asked for
 */
export async function platformObjects(
  cluster: Pick<ClusterClient, "list">,
  types: Iterable<string>,
): Promise<KubernetesObject[]> {
  const kinds = [...new Set(types)].map(kubernetesKind).filter((kind) => kind !== undefined);
  const lists = await Promise.all(
    kinds.map(async ({ apiVersion, kind }) =>
      // Items of a list come without their kind.
      (await cluster.list(apiVersion, kind, OURS)).map((object) => ({ ...object, apiVersion, kind })),
    ),
  );
  return lists.flat();
}

/** `kubernetes:apps/v1:Deployment` → apps/v1, Deployment; undefined for other providers' types. */
export function kubernetesKind(type: string): { readonly apiVersion: string; readonly kind: string } | undefined {
  const [provider, apiVersion, kind] = type.split(":");
  if (provider !== "kubernetes" || apiVersion === undefined || kind === undefined) return undefined;
  return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

/**
 * Groups the objects by system.
 * @param urls the stack's output of that name: address per system
 * @param pods all pods of the embedded cluster; none are given of a cluster where everything runs for real
 */
export function systemRows(
  objects: readonly KubernetesObject[],
  urls: Readonly<Record<string, string>>,
  pods?: readonly KubernetesObject[],
): SystemRow[] {
  const homes = systemsOfNamespaces(objects);
  const systems = [...new Set([...objects.map((object) => systemOf(object)), ...Object.keys(urls)])].sort();
  return systems.map((system) => {
    const own = objects.filter((object) => systemOf(object) === system);
    const workloads = own.map(isReady).filter((ready) => ready !== undefined);
    const namespaces = own.map((object) => object.metadata?.namespace).filter((name) => name !== undefined);
    return {
      system,
      namespaces: [...new Set(namespaces)].sort(),
      objects: own.length,
      workloads: workloads.length,
      ready: workloads.filter((ready) => ready).length,
      url: currentUrl(urls[system], own),
      ...(pods && {
        runs: runsInWords(pods.filter((pod) => systemOf(pod, homes.get(pod.metadata?.namespace)) === system)),
      }),
    };
  });
}

/**
 * The address of a system as it is by now: a run that does not wait for its load balancer writes down a word in its
 * place. @param own the system's objects
 */
function currentUrl(url: string | undefined, own: readonly KubernetesObject[]): string | undefined {
  const services = own.filter(({ kind }) => kind === "Service") as (KubernetesObject & {
    readonly status?: LoadBalancerStatus;
  })[];
  const [host] = services.flatMap(({ status }) => loadBalancerHost(status) ?? []);
  return host === undefined ? url : url?.replace(`//${LOAD_BALANCER}`, `//${urlHost(host)}`);
}

/** The system of each namespace that the program made, for pods without a label of the platform. */
export function systemsOfNamespaces(objects: readonly KubernetesObject[]): Map<string | undefined, string> {
  const namespaces = objects.filter(({ kind }) => kind === "Namespace");
  return new Map(namespaces.map((each) => [each.metadata?.name, systemOf(each)]));
}

/** Pods without a node wait for one, and those on their way out are history: neither counts. */
function runsInWords(pods: readonly KubernetesObject[]): string {
  const nodes = pods
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .flatMap((pod) => (pod as Pod).spec?.nodeName ?? []);
  if (nodes.length === 0) return "-";
  const real = nodes.filter((name) => name === NODE_NAME).length;
  if (real === 0) return "simulated";
  return real === nodes.length ? "real" : `real ${real} of ${nodes.length}`;
}

/** The system that an object belongs to. @param unlabelled the system of what does not say it */
export function systemOf({ metadata }: KubernetesObject, unlabelled = "(other)"): string {
  return metadata?.labels?.[SYSTEM_LABEL] ?? unlabelled;
}

/** Undefined for what is not a workload. */
export function isReady(object: KubernetesObject): boolean | undefined {
  const { spec, status } = object as Workload;
  switch (object.kind) {
    case "Deployment":
      return (status?.availableReplicas ?? 0) >= (spec?.replicas ?? 1);
    case "StatefulSet":
      return (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1);
    case "DaemonSet":
      return (status?.numberReady ?? 0) >= (status?.desiredNumberScheduled ?? 0);
    case "Job":
      return (status?.conditions ?? []).some(({ type, status: value }) => type === "Complete" && value === "True");
    default:
      return undefined;
  }
}

/** What runs where, as text. */
export function overviewTable(rows: readonly SystemRow[]): string {
  const embedded = rows.some(({ runs }) => runs !== undefined);
  return table([
    ["SYSTEM", "NAMESPACE", "OBJECTS", "READY", ...(embedded ? ["RUNS"] : []), "URL"],
    ...rows.map(({ system, namespaces, objects, ready, workloads, runs, url }) => [
      system,
      namespaces.join(",") || "-",
      String(objects),
      workloads === 0 ? "-" : `${ready}/${workloads} workloads`,
      ...(embedded ? [runs ?? "-"] : []),
      url ?? "-",
    ]),
  ]);
}

/** The addresses among the outputs of a stack: per system. */
export function urlsOf(outputs: OutputMap): Record<string, string> {
  const urls: unknown = outputs["urls"]?.value;
  if (typeof urls !== "object" || urls === null) return {};
  return Object.fromEntries(Object.entries(urls).filter((entry) => typeof entry[1] === "string"));
}
