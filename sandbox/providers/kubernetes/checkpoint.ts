import { randomBytes } from "node:crypto";
import {
  containsSecret,
  copySecretMarks,
  isMap,
  makeSecret,
  mapAt,
  mapValues,
  type PropertyMap,
  type PropertyValue,
  reveal,
  stringAt,
} from "../protocol/property-values";
import { annotations } from "./annotations";
import { withDashes, withUnderscores } from "./inputs";
import { annotationOf, isKind } from "./kinds";
import { secretFinder } from "./redaction";

/** What the state keeps of an object besides the object itself; the keys are those of the official provider. */
export const inputsKey = "__inputs";
export const fieldManagerKey = "__fieldManager";
export const initialApiVersionKey = "__initialApiVersion";
/** Only written here; the official provider passes over it. */
export const importedKey = "__imported";

const ownAnnotations: ReadonlySet<string> = new Set(Object.values(annotations));

/** Field manager of `create`; the official provider creates with the same one, and `update` takes over from it. */
export const creatingFieldManager = "pulumi-kubernetes";

/** An object as the state remembers it. */
export interface Checkpoint {
  /** Inputs of the last deployment, without secret marks. Empty when there was none. */
  readonly inputs: PropertyMap;
  /** The live object as it was last seen, without secret marks. */
  readonly live: PropertyMap;
  readonly fieldManager: string | undefined;
  readonly initialApiVersion: string | undefined;
  /** The inputs are the whole object as an import has found it, and the program has not changed it since. */
  readonly isImported: boolean;
}

/** Reads the outputs that the state keeps. */
export function readCheckpoint(outputs: PropertyMap): Checkpoint {
  const {
    [inputsKey]: _inputs,
    [fieldManagerKey]: _fieldManager,
    [initialApiVersionKey]: _initialApiVersion,
    [importedKey]: _imported,
    ...live
  } = withDashes(reveal(outputs));
  return {
    inputs: withDashes(mapAt(reveal(outputs), inputsKey)),
    live,
    fieldManager: stringAt(outputs, fieldManagerKey),
    initialApiVersion: stringAt(outputs, initialApiVersionKey),
    isImported: outputs[importedKey] === true,
  };
}

/** Makes the outputs that the state keeps. `marked` are the inputs with the secret marks to carry over. */
export function makeCheckpoint(
  inputs: PropertyMap,
  live: PropertyMap,
  marked: PropertyMap,
  kept: {
    readonly fieldManager: string;
    readonly initialApiVersion: string | undefined;
    readonly isImported?: boolean;
  },
): PropertyMap {
  return {
    ...markSecrets(withoutManagedFields(withUnderscores(live)), marked),
    [inputsKey]: markSecrets(withUnderscores(inputs), marked),
    [fieldManagerKey]: kept.fieldManager,
    [initialApiVersionKey]: kept.initialApiVersion ?? stringAt(live, "apiVersion") ?? "",
    ...(kept.isImported && { [importedKey]: true }),
  };
}

/**
 * Marks what is secret in `marked`, and always the content of a Secret. Annotations may carry the same content again:
 * `kubectl apply` writes the whole object into one, backup tools and operators into others, in whatever encoding.
 */
export function markSecrets(object: PropertyMap, marked: PropertyMap): PropertyMap {
  const copied = markAnnotations(copySecretMarks(object, marked), marked);
  if (!isKind(reveal(object), "", "Secret")) return copied;
  const content = ["data", "stringData"].filter((key) => object[key] !== undefined && object[key] !== null);
  return { ...copied, ...Object.fromEntries(content.map((key) => [key, makeSecret(object[key] ?? null)])) };
}

/**
 * Marks the annotations that may carry a secret of the object: those of others, whose encoding nobody knows, and those
 * of the program in which the secret can be read.
 */
function markAnnotations(object: PropertyMap, marked: PropertyMap): PropertyMap {
  const metadata = object["metadata"];
  if (!isMap(metadata) || !isMap(metadata["annotations"]) || !holdsSecrets(object)) return object;
  const carriesSecret = secretFinder(object);
  const given = mapAt(reveal(marked), "metadata", "annotations");
  const isOwn = (name: string, value: PropertyValue) => ownAnnotations.has(name) || given[name] === reveal(value);
  const found = mapValues(metadata["annotations"], (value, name) =>
    !isOwn(name, value) || carriesSecret(String(reveal(value))) ? makeSecret(value) : value,
  );
  return { ...object, metadata: { ...metadata, annotations: found } };
}

function holdsSecrets(object: PropertyMap): boolean {
  return isKind(reveal(object), "", "Secret") || containsSecret(object);
}

/** The bookkeeping of field owners is half of an object and of no use in the state: updates ask for it anew. */
function withoutManagedFields(live: PropertyMap): PropertyMap {
  const { managedFields: _, ...metadata } = mapAt(live, "metadata");
  return { ...live, metadata };
}

/** Owner of the fields that a resource applies: annotated, else remembered, else a new one. */
export function fieldManagerOf(inputs: PropertyMap, remembered: string | undefined): string {
  return (
    annotationOf(inputs, annotations.patchFieldManager) ??
    remembered ??
    `${creatingFieldManager}-${randomBytes(4).toString("hex")}`
  );
}
