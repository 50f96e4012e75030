import type { PropertyPath } from "../protocol/property-path";
import {
  isMap,
  mapAt,
  mapsAt,
  type PropertyMap,
  type PropertyValue,
  stringAt,
  valueAt,
} from "../protocol/property-values";
import { creatingFieldManager } from "./checkpoint";

/** Managers whose fields a resource takes over: what created the object before server-side apply owned it. */
const predecessors: ReadonlySet<string> = new Set([
  `${creatingFieldManager}/Update`,
  "pulumi-kubernetes.exe/Update",
  "pulumi-resource-kubernetes/Update",
  "kubectl/Apply",
  "kubectl/Update",
  "before-first-apply/Update",
]);

/** Whether a predecessor still owns fields of the object. */
export function hasPredecessor(live: PropertyMap): boolean {
  return mapsAt(live, "metadata", "managedFields").some(isPredecessor);
}

/** Whether nobody owns any field: an object from before server-side apply existed. */
export function hasNoManagers(live: PropertyMap): boolean {
  return mapsAt(live, "metadata", "managedFields").length === 0;
}

function isPredecessor(entry: PropertyMap): boolean {
  const isSubresource = (stringAt(entry, "subresource") ?? "") !== "";
  return !isSubresource && predecessors.has(`${stringAt(entry, "manager")}/${stringAt(entry, "operation")}`);
}

/**
 * The list of field managers in which `fieldManager` owns what its predecessors own. Without this an applied object
 * would keep fields that the program has removed, because the predecessor still wants them.
 */
export function takeOver(live: PropertyMap, fieldManager: string): PropertyMap[] {
  const entries = mapsAt(live, "metadata", "managedFields");
  const isOurs = (entry: PropertyMap) =>
    stringAt(entry, "manager") === fieldManager && stringAt(entry, "operation") === "Apply";
  const joined = entries.filter((entry) => isOurs(entry) || isPredecessor(entry));
  const last = joined.at(-1);
  if (last === undefined) return entries;
  const fields = joined.map((entry) => mapAt(entry, "fieldsV1")).reduce(unite, {});
  const others = entries.filter((entry) => !joined.includes(entry));
  return [...others, { ...last, manager: fieldManager, operation: "Apply", fieldsV1: fields }];
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
