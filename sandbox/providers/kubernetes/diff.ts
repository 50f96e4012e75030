import { containsPath, formatPath, type PropertyPath, parsePath } from "../protocol/property-path";
import { containsUnknown, isMap, type PropertyMap, type PropertyValue, reveal } from "../protocol/property-values";
import type { DiffRequest, DiffResult, PropertyDifference } from "../protocol/resource-provider";
import { isAnnotated } from "./annotations";
import { immutableFields } from "./api-error";
import { readCheckpoint } from "./checkpoint";
import type { Configuration } from "./configuration";
import { type Difference, differences } from "./difference";
import { immutablePaths, touches } from "./immutable-fields";
import { normalizeInputs, pruneTo, withDashes } from "./inputs";
import { nameOf, namespaceOf } from "./kinds";

/** Applies the inputs without storing anything; gives the object as it would become, or fails as the server would. */
export type DryRun = (inputs: PropertyMap, fieldManager: string | undefined) => Promise<PropertyMap>;

/** Finds what changes between the state and the new inputs, and whether it can be changed in place. */
export async function diffObject(
  request: DiffRequest,
  options: Pick<Configuration, "enableConfigMapMutable" | "enableSecretMutable">,
  dryRun: DryRun,
): Promise<DiffResult> {
  const checkpoint = readCheckpoint(request.oldOutputs);
  const { live } = checkpoint;
  const oldInputs = normalizeInputs(checkpoint.inputs);
  const newInputs = normalizeInputs(withDashes(reveal(request.newInputs)));
  const oldLive = pruneTo(live, oldInputs);
  const ignored = request.ignoreChanges.map(parsePath);
  const found = differences(oldLive, oldInputs, newInputs).filter(
    ({ path }) => !isNamespaceDefault(path, live, newInputs) && !ignored.some((outer) => containsPath(outer, path)),
  );
  if (found.length === 0) return { differences: new Map() };

  const immutable = immutablePaths(newInputs, options);
  const tried = containsUnknown(newInputs)
    ? unknownTrial
    : await tryChanges(newInputs, checkpoint.fieldManager, dryRun);
  const result = found
    .filter(
      (difference) =>
        !tried.object || isIdentity(difference.path) || !isOnlyNotation(difference, live, newInputs, tried.object),
    )
    .map((difference) => ({
      ...difference,
      replace:
        immutable.some((field) => touches(field, difference.path, difference.value)) ||
        tried.refused.some((field) => isSame(field, difference.path)),
    }));
  return {
    differences: new Map(result.map(({ path, kind, replace }) => [formatPath(path), { kind, replace }])),
    deleteBeforeReplace: result.some(({ replace }) => replace) && keepsGivenName(live, newInputs),
  };
}

/** Inputs without a namespace mean the one that the object is in already. */
function isNamespaceDefault(path: PropertyPath, live: PropertyMap, newInputs: PropertyMap): boolean {
  return (
    formatPath(path) === "metadata.namespace" &&
    (namespaceOf(newInputs) || "default") === (namespaceOf(live) || "default")
  );
}

/** Two objects of the same name cannot exist together; a generated name can be generated anew. */
function keepsGivenName(live: PropertyMap, newInputs: PropertyMap): boolean {
  return (
    !isAnnotated(newInputs, "autonamed") &&
    nameOf(newInputs) === nameOf(live) &&
    (namespaceOf(newInputs) || "default") === (namespaceOf(live) || "default")
  );
}

/** The object after the change, or the fields that the server refuses to change. */
interface Trial {
  readonly object?: PropertyMap;
  readonly refused: readonly PropertyPath[];
}

const unknownTrial: Trial = { refused: [] };

async function tryChanges(inputs: PropertyMap, fieldManager: string | undefined, dryRun: DryRun): Promise<Trial> {
  try {
    return { object: await dryRun(inputs, fieldManager), refused: [] };
  } catch (error) {
    // Any other refusal shows, with its reason, when the change itself is previewed or made.
    return { refused: immutableFields(error).map(parsePath) };
  }
}

function isSame(refused: PropertyPath, changed: PropertyPath): boolean {
  return containsPath(refused, changed) || containsPath(changed, refused);
}

/** The trial is addressed to the object that is there, so it says nothing about another name or namespace. */
function isIdentity(path: PropertyPath): boolean {
  return ["metadata.name", "metadata.namespace"].includes(formatPath(path));
}

/**
 * Whether the server stores the wanted value in another notation that is live already (`0.5` as `500m`). Only asked
 * where lists have the same length on all sides, because otherwise a position does not mean the same element.
 */
function isOnlyNotation(
  { path, kind }: Difference,
  live: PropertyMap,
  wanted: PropertyMap,
  tried: PropertyMap,
): boolean {
  if (kind !== "update") return false;
  const [now, after] = [live, tried].map((object) => alongPath(object, path, wanted));
  return now !== undefined && JSON.stringify(now) === JSON.stringify(after);
}

/** The value at a path; undefined when it is missing or a list on the way differs in length from that of `shape`. */
function alongPath(object: PropertyMap, path: PropertyPath, shape: PropertyMap): PropertyValue | undefined {
  let current: PropertyValue | undefined = object;
  let compared: PropertyValue | undefined = shape;
  for (const segment of path) {
    if (typeof segment === "number") {
      if (!Array.isArray(current) || !Array.isArray(compared) || current.length !== compared.length) return undefined;
      current = current[segment];
      compared = compared[segment];
    } else {
      current = isMap(current) ? current[segment] : undefined;
      compared = isMap(compared) ? compared[segment] : undefined;
    }
  }
  return current;
}

/** The result for an object that is replaced because it is not ready. */
export function replaceUnready(result: DiffResult): DiffResult {
  const path = 'metadata.annotations["pulumi.com/replaceUnready"]';
  const difference: PropertyDifference = { kind: "update", replace: true };
  return { ...result, differences: new Map([...result.differences, [path, difference]]) };
}
