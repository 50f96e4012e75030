import { containsPath, formatPath, type PropertyPath, parsePath } from "../protocol/property-path";
import {
  containsUnknown,
  deepEqual,
  isMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
} from "../protocol/property-values";
import type { DiffRequest, DiffResult, PropertyDifference } from "../protocol/resource-provider";
import { isAnnotated } from "./annotations";
import { immutableFields } from "./api-error";
import { readCheckpoint } from "./checkpoint";
import type { Configuration } from "./configuration";
import { type Difference, differences } from "./difference";
import { immutablePaths, touches } from "./immutable-fields";
import { normalizeInputs, withDashes } from "./inputs";
import { nameOf, namespaceOf } from "./kinds";
import { isEmptyValue, ownElements, pruneTo } from "./live-fields";
import { inside, schemaOf } from "./object-schema";

/** The object as an update would make it. */
export interface DryRunResult {
  readonly object: PropertyMap;
  /**
   * Fields (as a path of names) that somebody still owns whose ownership a real update takes over first: a dry run
   * cannot show that they go.
   */
  readonly isTakenOver: (path: PropertyPath) => boolean;
}

/** Applies the inputs without storing anything; fails as the server would. */
export type DryRun = (inputs: PropertyMap, fieldManager: string | undefined) => Promise<DryRunResult>;

/** Finds what changes between the state and the new inputs, and whether it can be changed in place. */
export async function diffObject(
  request: DiffRequest,
  options: Pick<Configuration, "enableConfigMapMutable" | "enableSecretMutable">,
  dryRun: DryRun,
): Promise<DiffResult> {
  const checkpoint = readCheckpoint(request.oldOutputs);
  const { live } = checkpoint;
  const newInputs = normalizeInputs(withDashes(reveal(request.newInputs)));
  // Nothing has been sent to an imported object yet: only what the program says about it can differ.
  const sent = checkpoint.isImported ? newInputs : normalizeInputs(checkpoint.inputs);
  const ignored = request.ignoreChanges.map(parsePath);
  const found = differences(pruneTo(live, sent), sent, newInputs).filter(
    ({ path }) => !isNamespaceDefault(path, live, newInputs) && !ignored.some((outer) => containsPath(outer, path)),
  );
  const oldInputs = withDashes(reveal(request.oldInputs));
  const telling = found.filter((difference) => !isKnownToBeOmitted(difference, oldInputs));
  if (telling.length === 0) return { differences: new Map() };

  const immutable = immutablePaths(newInputs, options);
  const tried = containsUnknown(newInputs)
    ? unknownTrial
    : await tryChanges(newInputs, checkpoint.fieldManager, dryRun);
  const result = telling
    .filter(
      (difference) => !tried.result || !hasNoEffect(difference, { live, sent, wanted: newInputs, tried: tried.result }),
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

/** An empty value that the last deployment had as well: it was found out then that the server does not store it. */
function isKnownToBeOmitted({ path, kind, value }: Difference, oldInputs: PropertyMap): boolean {
  return kind === "add" && isEmptyValue(value) && deepEqual(valueAlong(oldInputs, path), value);
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
  readonly result?: DryRunResult;
  readonly refused: readonly PropertyPath[];
}

const unknownTrial: Trial = { refused: [] };

async function tryChanges(inputs: PropertyMap, fieldManager: string | undefined, dryRun: DryRun): Promise<Trial> {
  try {
    return { result: await dryRun(inputs, fieldManager), refused: [] };
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
 * Whether the server, asked to apply the inputs, leaves this property as it is: it stores the value in another notation
 * (`0.5` as `500m`), does not store an empty one, or somebody else (an admission webhook, a controller) writes it too.
 */
function hasNoEffect(difference: Difference, { live, sent, wanted, tried }: Versions): boolean {
  const { path, kind, value } = difference;
  if (isIdentity(path)) return false;
  // A list as a whole: its positions may mean other elements than those of the inputs.
  const outer = path.slice(0, listDepth(path));
  const [before, after] = [live, tried.object].map((object) => valueAlong(object, outer));
  if (before !== undefined && deepEqual(before, after) && !tried.isTakenOver(outer)) return true;
  if (kind === "delete") return false;
  const [now, then] = [live, tried.object].map((object) => alignedValue(object, path, sent, wanted));
  if (now === undefined || then === undefined) return false;
  if (kind === "add" && !(isEmptyValue(value) && isEmptyValue(now.value))) return false;
  return deepEqual(now.value, then.value);
}

/** One object at four moments. */
interface Versions {
  readonly live: PropertyMap;
  /** Inputs that were sent before. */
  readonly sent: PropertyMap;
  /** Inputs that are to be sent. */
  readonly wanted: PropertyMap;
  readonly tried: DryRunResult;
}

/** How many segments of a path lead to the first list on it. */
function listDepth(path: PropertyPath): number {
  const position = path.findIndex((segment) => typeof segment === "number");
  return position < 0 ? path.length : position;
}

function valueAlong(object: PropertyMap, path: PropertyPath): PropertyValue | undefined {
  return path.reduce<PropertyValue | undefined>((value, segment) => partOf(value, segment), object);
}

function partOf(value: PropertyValue | undefined, segment: string | number): PropertyValue | undefined {
  if (typeof segment === "number") return Array.isArray(value) ? value[segment] : undefined;
  return isMap(value) ? value[segment] : undefined;
}

/**
 * The value at a path of the wanted inputs in a live object, whose lists may have elements of others besides. Undefined
 * when such a list does not have as many elements of ours as the inputs, because positions do not mean the same then.
 */
function alignedValue(
  object: PropertyMap,
  path: PropertyPath,
  sent: PropertyMap,
  wanted: PropertyMap,
): { readonly value: PropertyValue | undefined } | undefined {
  let schema = schemaOf(wanted);
  let current: PropertyValue | undefined = object;
  let [known, compared]: (PropertyValue | undefined)[] = [sent, wanted];
  for (const segment of path) {
    if (typeof segment === "number") {
      if (!Array.isArray(current) || !Array.isArray(known) || !Array.isArray(compared)) return undefined;
      const own = ownElements(current, known, schema);
      if (own.length !== compared.length) return undefined;
      current = own[segment]?.element;
      known = own[segment]?.meant;
      compared = compared[segment];
    } else {
      [current, known, compared] = [current, known, compared].map((value) => partOf(value, segment));
    }
    schema = inside(schema, segment);
  }
  // The server writes an empty list that it must name as null.
  return { value: current === null ? undefined : current };
}

/** The result for an object that is replaced because it is not ready. */
export function replaceUnready(result: DiffResult): DiffResult {
  const path = 'metadata.annotations["pulumi.com/replaceUnready"]';
  const difference: PropertyDifference = { kind: "update", replace: true };
  return { ...result, differences: new Map([...result.differences, [path, difference]]) };
}
