import { randomBytes } from "node:crypto";
import { copySecretMarks, makeSecret, mapAt, type PropertyMap, reveal, stringAt } from "../protocol/property-values";
import { annotations } from "./annotations";
import { withDashes, withUnderscores } from "./inputs";
import { annotationOf, isKind } from "./kinds";

/** What the state keeps of an object besides the object itself; the keys are those of the official provider. */
const inputsKey = "__inputs";
const fieldManagerKey = "__fieldManager";
const initialApiVersionKey = "__initialApiVersion";
/** Only written here; the official provider passes over it. */
const importedKey = "__imported";

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
 * Marks what is secret in `marked`, and always the content of a Secret.
 */
export function markSecrets(object: PropertyMap, marked: PropertyMap): PropertyMap {
  const copied = copySecretMarks(object, marked);
  if (!isKind(reveal(object), "", "Secret")) return copied;
  const content = ["data", "stringData"].filter((key) => object[key] !== undefined && object[key] !== null);
  return { ...copied, ...Object.fromEntries(content.map((key) => [key, makeSecret(object[key] ?? null)])) };
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
