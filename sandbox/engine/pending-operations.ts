import { setTimeout as delay } from "node:timers/promises";
import type { ClusterClient } from "./cluster-client";

/** An object that is being deleted is waited for so long: updating it would fail as soon as it is gone. */
const DELETION_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 250;

/** A resource as `pulumi stack export` writes it; only what is needed here is named. */
export interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** The engine had already deleted the object in order to replace it. */
  readonly pendingReplacement?: boolean;
  /** To be deleted in the next run, because it was replaced. */
  readonly delete?: boolean;
}

/** The part of an exported stack that an interrupted run leaves behind. */
export interface ExportedStack {
  readonly deployment: {
    readonly resources?: readonly StoredResource[];
    readonly pending_operations?: readonly { readonly type: string; readonly resource: StoredResource }[];
  };
}

/** An exported stack without pending operations, and what became of them. */
export interface ResolvedStack<Exported> {
  readonly stack: Exported;
  /** Resources that exist although their creation was never recorded. Refresh them: their outputs are not known yet. */
  readonly adopted: readonly string[];
}

/**
 * Ends the operations that a killed engine left open. Updates are simply done again by the next `up`. A creation may
 * have happened or not, and doing it again would make a second object or fail because it is there: so the cluster is
 * asked, and an object that exists is taken into the state. One whose deletion was begun and that is gone is taken out of
 * it: the next `up` may want it again, and could not update it. The engine's own `--import-pending-creates`
 * cannot be used, since it forgets the resource instead of importing it. Generated values (passwords, keys) exist
 * nowhere but in the state, so their creation is done again.
 */
export async function resolvePendingOperations<Exported extends ExportedStack>(
  exported: Exported,
  cluster: Pick<ClusterClient, "find">,
): Promise<ResolvedStack<Exported>> {
  let resources = [...(exported.deployment.resources ?? [])];
  const adopted: string[] = [];
  for (const { type, resource } of exported.deployment.pending_operations ?? []) {
    if (type === "deleting" && resource.type.startsWith("kubernetes:")) {
      if (resources.some((each) => isSame(each, resource)) && (await isGone(resource, cluster))) {
        resources = withoutDeleted(resources, resource);
      }
      continue;
    }
    if (type !== "creating" || !resource.type.startsWith("kubernetes:") || adopted.includes(resource.urn)) continue;
    const found = await createdObject(resource, cluster);
    if (found === undefined || resources.some((each) => each.urn === resource.urn && each.id === found.id)) continue;
    resources = [...resources.flatMap((each) => (each.urn === resource.urn ? predecessor(each) : [each])), found];
    adopted.push(resource.urn);
  }
  const stack = { ...exported, deployment: { ...exported.deployment, resources, pending_operations: [] } };
  return { stack, adopted };
}

function isSame(one: StoredResource, other: StoredResource): boolean {
  return one.urn === other.urn && one.id === other.id;
}

/** The resources of a state after the object of one was deleted. */
export function withoutDeleted<Resource extends StoredResource>(
  resources: readonly Resource[],
  deleted: StoredResource,
): Resource[] {
  const isNeeded = resources.some((each) => each.urn !== deleted.urn && referencesOf(each).includes(deleted.urn));
  return resources.flatMap((each): Resource[] => {
    if (!isSame(each, deleted)) return [each];
    // It was deleted in order to be replaced; what depends on it stays until then.
    return isNeeded && each.delete !== true ? [{ ...each, pendingReplacement: true }] : [];
  });
}

/** The URNs that a resource cannot be without. */
export function referencesOf(resource: StoredResource): string[] {
  const known = resource as {
    readonly parent?: string;
    readonly deletedWith?: string;
    readonly provider?: string;
    readonly dependencies?: readonly string[];
    readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  };
  const provider = /^(.*)::[^:]+$/.exec(known.provider ?? "")?.[1];
  const properties = Object.values(known.propertyDependencies ?? {}).flat();
  const all = [known.parent, known.deletedWith, provider, ...(known.dependencies ?? []), ...properties];
  return all.filter((urn): urn is string => urn !== undefined && urn !== "");
}

async function isGone(
  { id = "", inputs = {} }: StoredResource,
  cluster: Pick<ClusterClient, "find">,
): Promise<boolean> {
  const { apiVersion, kind } = inputs;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || id === "") return false;
  const [name = "", namespace] = id.split("/").reverse();
  const until = Date.now() + DELETION_MILLISECONDS;
  for (;;) {
    const object = await cluster.find(apiVersion, kind, name, namespace);
    if (object === undefined) return true;
    if (object.metadata?.deletionTimestamp === undefined || Date.now() > until) return false;
    await delay(POLL_MILLISECONDS);
  }
}

/** What stays of a resource whose replacement has turned out to exist. */
function predecessor(resource: StoredResource): StoredResource[] {
  return resource.pendingReplacement === true ? [] : [{ ...resource, delete: true }];
}

async function createdObject(
  resource: StoredResource,
  cluster: Pick<ClusterClient, "find">,
): Promise<StoredResource | undefined> {
  const { apiVersion, kind, metadata } = (resource.inputs ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown };
  };
  // The name is known even if it was generated: the provider does that before the operation is recorded.
  const name = metadata?.name;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof name !== "string") return undefined;
  const wantedNamespace = typeof metadata?.namespace === "string" ? metadata.namespace : undefined;
  const object = await cluster.find(apiVersion, kind, name, wantedNamespace);
  if (object === undefined) return undefined;
  const namespace = object.metadata?.namespace;
  const manager = object.metadata?.managedFields?.find((each) =>
    each.manager?.startsWith("pulumi-kubernetes"),
  )?.manager;
  // An object that Pulumi did not make is not ours: the next `up` reports it as already existing.
  if (manager === undefined) return undefined;
  return {
    ...resource,
    id: namespace === undefined ? name : `${namespace}/${name}`,
    // Later updates must come from the field manager that owns the fields, or the API server refuses them.
    outputs: { ...resource.inputs, __fieldManager: manager, __initialApiVersion: apiVersion },
  };
}
