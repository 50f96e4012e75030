import { mapAt, mapValues, type PropertyMap, reveal, valueAt } from "../protocol/property-values";
import type { ReadRequest, ReadResult } from "../protocol/resource-provider";
import { isNotFound } from "./api-error";
import { asNotReady } from "./await/not-ready";
import { fieldManagerOf, makeCheckpoint, markSecrets, readCheckpoint } from "./checkpoint";
import type { Connection } from "./connection";
import { UnknownKindError } from "./discovery";
import { formerManager } from "./field-managers";
import { normalizeInputs, withDashes, withUnderscores } from "./inputs";
import { apiVersionOf, idOf, kindOf, kindOfType } from "./kinds";
import { refreshInputs } from "./live-fields";
import type { ObjectReference } from "./object-store";
import { initializationError, operationError } from "./operation-error";

/**
 * Reads an object as it is now: for a refresh the fields of the old inputs with their live values, for an import all
 * fields that a program can set.
 */
export async function readObject(request: ReadRequest, connection: Connection): Promise<ReadResult> {
  const oldInputs = normalizeInputs(withDashes(reveal(request.inputs)));
  const isImport = valueAt(oldInputs, "kind") === undefined;
  const checkpoint = readCheckpoint(request.outputs);
  const reference = referenceOf(request, isImport ? {} : oldInputs);

  let live: PropertyMap;
  try {
    live = await connection.store.get(reference);
  } catch (error) {
    if (isNotFound(error) || error instanceof UnknownKindError) return undefined;
    const named = { kind: reference.gvk.kind, metadata: { name: reference.name, namespace: reference.namespace } };
    throw operationError("read", named, request.inputs, error);
  }
  const liveInputs = isImport ? importedInputs(live) : refreshInputs(live, oldInputs);
  const found = {
    id: isImport ? idOf(live) : request.id,
    inputs: markSecrets(withUnderscores(liveInputs), request.inputs),
    outputs: makeCheckpoint(liveInputs, live, request.inputs, {
      fieldManager: fieldManagerOf(liveInputs, checkpoint.fieldManager ?? (isImport ? formerManager(live) : undefined)),
      initialApiVersion: checkpoint.initialApiVersion,
      isImported: isImport || checkpoint.isImported,
    }),
  };
  if (isImport) return found;
  // Without the right to see whether the object is ready it can still be read.
  const problem = await connection.waiter.problem(live, oldInputs).catch((error) => asNotReady(error, live));
  if (problem === undefined) return found;
  const what = `${kindOf(live).kind} ${found.id} is there, but`;
  throw initializationError(what, problem, found.id, found.outputs, found.inputs);
}

/** The object that a resource id (`[namespace/]name`) means. */
export function referenceOf(
  { id, type }: { readonly id: string; readonly type: string },
  inputs: PropertyMap,
): ObjectReference {
  const [first = "", second] = id.split("/");
  const gvk = valueAt(inputs, "kind") === undefined ? kindOfType(type) : kindOf(inputs);
  if (first === "" || second === "") {
    throw new Error(
      `"${id}" does not name a ${apiVersionOf(gvk)} ${gvk.kind}. Give "namespace/name", or "name" alone.`,
    );
  }
  return second === undefined ? { gvk, namespace: "", name: first } : { gvk, namespace: first, name: second };
}

/** Annotations that controllers and kubectl leave on an object. */
const foreignAnnotations: ReadonlySet<string> = new Set([
  "deployment.kubernetes.io/revision",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

function importedInputs(live: PropertyMap): PropertyMap {
  const { status: _, ...spec } = normalizeInputs(live);
  const metadata = mapAt(spec, "metadata");
  const annotations = Object.entries(mapAt(metadata, "annotations")).filter(([name]) => !foreignAnnotations.has(name));
  const { annotations: _all, ...others } = metadata;
  const kept = annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {};
  return mapValues(spec, (value, key) => (key === "metadata" ? { ...others, ...kept } : value));
}
