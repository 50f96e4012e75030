import type { PropertyPath } from "../protocol/property-path";
import {
  deepEqual,
  isMap,
  mapAt,
  mapsAt,
  type PropertyMap,
  type PropertyValue,
  stringAt,
  valueAt,
} from "../protocol/property-values";
import { creatingFieldManager } from "./checkpoint";

/** Managers that wrote for the program before server-side apply did; they write nothing any more. */
const formerSelves: ReadonlySet<string> = new Set([
  creatingFieldManager,
  "pulumi-kubernetes.exe",
  "pulumi-resource-kubernetes",
]);

/** People who applied the same object by hand: what the program names is the program's from then on. */
const formerTools: ReadonlySet<string> = new Set([
  "kubectl/Apply",
  "kubectl/Update",
  "kubectl-client-side-apply/Update",
  "before-first-apply/Update",
]);

/** Who owns fields that a resource wants as its own. */
export interface Takeover {
  readonly fieldManager: string;
  /** What the resource has sent to the server so far; empty when nobody knows. */
  readonly sent: PropertyMap;
}

/** Whether somebody else still owns fields of the object that the resource has sent. */
export function hasPredecessor(live: PropertyMap, takeover: Takeover): boolean {
  return mapsAt(live, "metadata", "managedFields").some(
    (entry) => isFormerSelf(entry, takeover) || !isEmpty(takenFrom(entry, takeover)),
  );
}

/** Whether a predecessor owns the field at a path of names (or something inside it) that the resource takes over. */
export function isTakenOver(live: PropertyMap, takeover: Takeover, path: PropertyPath): boolean {
  const keys = path.map((segment) => `f:${segment}`);
  return mapsAt(live, "metadata", "managedFields").some(
    (entry) => valueAt(takenFrom(entry, takeover), ...keys) !== undefined,
  );
}

/** Whether nobody owns any field: an object from before server-side apply existed. */
export function hasNoManagers(live: PropertyMap): boolean {
  return mapsAt(live, "metadata", "managedFields").length === 0;
}

/** The resource itself, under the name by which it created the object or replaced it as a whole. */
function isFormerSelf(entry: PropertyMap, { fieldManager }: Takeover): boolean {
  const manager = stringAt(entry, "manager") ?? "";
  const isOwnName = formerSelves.has(manager) || manager === fieldManager;
  return isOwnName && stringAt(entry, "operation") === "Update" && !isSubresource(entry);
}

function isSubresource(entry: PropertyMap): boolean {
  return (stringAt(entry, "subresource") ?? "") !== "";
}

/** The fields of an entry that the resource takes over: of those that it has sent, never what others have added. */
function takenFrom(entry: PropertyMap, takeover: Takeover): PropertyMap {
  const isTool = formerTools.has(`${stringAt(entry, "manager")}/${stringAt(entry, "operation")}`);
  if (!isFormerSelf(entry, takeover) && (!isTool || isSubresource(entry))) return {};
  const fields = mapAt(entry, "fieldsV1");
  if (!isEmpty(takeover.sent)) return fieldsWithin(fields, takeover.sent);
  return isTool ? {} : fields;
}

/**
 * The list of field managers in which `fieldManager` owns what its predecessors own of the fields that it has sent.
 * Without this an applied object would keep fields that the program has removed, because the predecessor still wants
 * them. What a predecessor owns besides (defaults, additions of others) is not taken: the next apply would remove it.
 */
export function takeOver(live: PropertyMap, takeover: Takeover): PropertyMap[] {
  const entries = mapsAt(live, "metadata", "managedFields");
  const { fieldManager } = takeover;
  const own = entries.find(
    (entry) => stringAt(entry, "manager") === fieldManager && stringAt(entry, "operation") === "Apply",
  );
  const taken = entries.map((entry) => takenFrom(entry, takeover));
  const model = own ?? entries.find((entry, index) => isFormerSelf(entry, takeover) || !isEmpty(taken[index] ?? {}));
  if (model === undefined) return entries;
  const others = entries.flatMap((entry, index) => {
    if (entry === own || isFormerSelf(entry, takeover)) return [];
    const rest = without(mapAt(entry, "fieldsV1"), taken[index] ?? {});
    return isEmpty(rest) ? [] : [{ ...entry, fieldsV1: rest }];
  });
  const fieldsV1 = [mapAt(own ?? {}, "fieldsV1"), ...taken].reduce(unite, {});
  return [...others, { ...model, manager: fieldManager, operation: "Apply", fieldsV1 }];
}

function isEmpty(map: PropertyMap): boolean {
  return Object.keys(map).length === 0;
}

/** The part of a field set (a tree whose keys are `f:name`, `k:{keys}`, `v:value`) that a value has. */
function fieldsWithin(fields: PropertyMap, value: PropertyValue | undefined): PropertyMap {
  const kept: PropertyMap = {};
  for (const [key, inner] of Object.entries(fields)) {
    const part = key === "." ? value : partAt(value, key);
    if (part === undefined || !isMap(inner)) continue;
    if (isEmpty(inner)) kept[key] = {};
    else {
      const within = fieldsWithin(inner, part);
      if (!isEmpty(within)) kept[key] = within;
    }
  }
  return kept;
}

/** What a value has at one key of a field set. */
function partAt(value: PropertyValue | undefined, key: string): PropertyValue | undefined {
  const name = key.slice(2);
  if (key.startsWith("f:")) return isMap(value) ? value[name] : undefined;
  if (!Array.isArray(value)) return undefined;
  if (key.startsWith("v:")) return value.find((element) => deepEqual(element, JSON.parse(name) as PropertyValue));
  if (!key.startsWith("k:")) return undefined;
  const keys = JSON.parse(name) as PropertyMap;
  // A key that the element does not name, such as a port's protocol, has its default.
  const isMeant = (element: PropertyMap) =>
    Object.entries(keys).every(([each, wanted]) => element[each] === undefined || deepEqual(element[each], wanted));
  return value.filter(isMap).find(isMeant);
}

/** A field set without the fields of another one. */
function without(fields: PropertyMap, removed: PropertyMap): PropertyMap {
  const kept: PropertyMap = {};
  for (const [key, inner] of Object.entries(fields)) {
    const gone = removed[key];
    if (!isMap(gone) || !isMap(inner)) kept[key] = inner;
    else if (!isEmpty(inner)) {
      const rest = without(inner, gone);
      if (!isEmpty(rest)) kept[key] = rest;
    }
  }
  return kept;
}

/** Union of two field sets; a set is a tree of objects. */
function unite(left: PropertyMap, right: PropertyMap): PropertyMap {
  const united: PropertyMap = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const known = united[key];
    united[key] = isMap(known) && isMap(value) ? unite(known, value) : value;
  }
  return united;
}

/** Who owns the field at a path of object keys (`fieldManager` itself, somebody else), as far as the server knows. */
export function ownersOf(live: PropertyMap, path: PropertyPath, fieldManager: string) {
  const keys = path.map((segment) => `f:${segment}`);
  const owners = mapsAt(live, "metadata", "managedFields")
    .filter((entry) => valueAt(mapAt(entry, "fieldsV1"), ...keys) !== undefined)
    .map((entry) => stringAt(entry, "manager"));
  return { we: owners.includes(fieldManager), others: owners.some((owner) => owner !== fieldManager) };
}

/**
 * Inputs for an update that leaves the ignored properties as they are in the cluster: a property that only others own
 * is not sent at all, so that it stays theirs; any other one is sent with its live value.
 */
export function keepIgnored(
  inputs: PropertyMap,
  live: PropertyMap,
  ignored: readonly PropertyPath[],
  fieldManager: string,
): PropertyMap {
  return ignored.reduce<PropertyMap>((kept, path) => {
    const { we, others } = ownersOf(live, path, fieldManager);
    if (others && !we) return changeAt(kept, path, () => undefined, kept);
    return changeAt(kept, path, (_, current) => current, live);
  }, inputs);
}

type Change = (value: PropertyValue, live: PropertyValue) => PropertyValue | undefined;

/** Changes what is at a path (`*` means every key or position); undefined removes it. What is missing stays missing. */
function changeAt(object: PropertyMap, path: PropertyPath, change: Change, live: PropertyMap): PropertyMap {
  return changeValue(object, path, change, live) as PropertyMap;
}

function changeValue(
  value: PropertyValue,
  path: PropertyPath,
  change: Change,
  live: PropertyValue | undefined,
): PropertyValue | undefined {
  const [segment, ...rest] = path;
  if (segment === undefined) return live === undefined ? value : change(value, live);
  if (Array.isArray(value)) {
    const liveList = Array.isArray(live) ? live : [];
    return value.map((element, index) =>
      segment === "*" || segment === index ? (changeValue(element, rest, change, liveList[index]) ?? null) : element,
    );
  }
  if (!isMap(value)) return value;
  const liveMap = isMap(live) ? live : {};
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    segment === "*" || segment === key ? changeValue(inner, rest, change, liveMap[key]) : inner,
  ]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

/**
 * The owner of the fields that an earlier stack has applied, if it was one. Under a name of its own the resource would
 * meet a conflict at every field that it changes.
 */
export function formerManager(live: PropertyMap): string | undefined {
  const managers = mapsAt(live, "metadata", "managedFields")
    .filter((entry) => stringAt(entry, "operation") === "Apply")
    .flatMap((entry) => stringAt(entry, "manager") ?? [])
    .filter((manager) => manager.startsWith(`${creatingFieldManager}-`));
  return managers.length === 1 ? managers[0] : undefined;
}
