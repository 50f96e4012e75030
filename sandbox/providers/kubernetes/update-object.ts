import { parsePath } from "../protocol/property-path";
import { containsUnknown, mapAt, type PropertyMap, reveal, stringAt } from "../protocol/property-values";
import type { UpdateRequest, UpdateResult } from "../protocol/resource-provider";
import { isAnnotated } from "./annotations";
import type { ApiResponse } from "./api-client";
import { isForbidden } from "./api-error";
import { NotReadyError } from "./await/not-ready";
import { fieldManagerOf, makeCheckpoint, readCheckpoint } from "./checkpoint";
import type { Connection } from "./connection";
import { UnknownKindError } from "./discovery";
import { hasNoManagers, hasPredecessor, keepIgnored, takeOver } from "./field-managers";
import { normalizeInputs, withDashes } from "./inputs";
import { isKind, kindOf, nameOf, namespaceOf } from "./kinds";
import { referenceTo, type WriteOptions } from "./object-store";
import { initializationError, operationError } from "./operation-error";
import { logWarnings } from "./warnings";

/** Applies changed inputs to an object and waits until it is ready again; in a preview only asks what would result. */
export async function updateObject(request: UpdateRequest, connection: Connection): Promise<UpdateResult> {
  const inputs = normalizeInputs(withDashes(reveal(request.newInputs)));
  if (request.preview && containsUnknown(inputs)) return { outputs: request.newInputs };
  const checkpoint = readCheckpoint(request.oldOutputs);
  const fieldManager = fieldManagerOf(inputs, checkpoint.fieldManager);
  const named = addressed(inputs, checkpoint.live);

  let applied: ApiResponse;
  try {
    applied = await applyInputs(named, { fieldManager, dryRun: request.preview }, request.ignoreChanges, connection);
  } catch (error) {
    const cannotTell = error instanceof UnknownKindError || isForbidden(error);
    if (request.preview && cannotTell) return { outputs: request.newInputs };
    throw operationError("update", named, request.newInputs, error);
  }
  const outputs = (live: PropertyMap) =>
    makeCheckpoint(inputs, live, request.newInputs, { fieldManager, initialApiVersion: checkpoint.initialApiVersion });
  if (request.preview) return { outputs: outputs(applied.object) };
  await logWarnings(connection, request.urn, applied.warnings);
  try {
    return { outputs: outputs(await connection.waiter.wait(applied.object, inputs, request)) };
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    const what = `${kindOf(inputs).kind} ${request.id} was updated, but`;
    throw initializationError(what, error, request.id, outputs(error.live));
  }
}

/** Inputs with the name and namespace of the object that they are applied to. */
export function addressed(inputs: PropertyMap, live: PropertyMap): PropertyMap {
  const namespace = namespaceOf(live);
  const metadata = { ...mapAt(inputs, "metadata"), name: nameOf(live), ...(namespace !== "" && { namespace }) };
  return { ...inputs, metadata };
}

/**
 * Applies the inputs by server-side apply.
 *
 * @param ignoreChanges property paths that stay as they are in the cluster
 */
export async function applyInputs(
  inputs: PropertyMap,
  options: WriteOptions,
  ignoreChanges: readonly string[],
  { store, configuration }: Connection,
): Promise<ApiResponse> {
  let live = await store.get(referenceTo(inputs));
  if (isKind(inputs, "apiextensions.k8s.io", "CustomResourceDefinition")) {
    // Applying merges versions and schemas; replacing the definition gives exactly what the program says.
    const resourceVersion = stringAt(live, "metadata", "resourceVersion") ?? "";
    const metadata = { ...mapAt(inputs, "metadata"), resourceVersion };
    return await store.replace({ ...inputs, metadata }, options);
  }
  const force =
    isAnnotated(inputs, "patchForce") ||
    configuration.enablePatchForce ||
    hasNoManagers(live) ||
    // Ownership is only moved by a real update, so that a preview has to step over the predecessor.
    (options.dryRun && hasPredecessor(live));
  if (!options.dryRun && hasPredecessor(live)) {
    const { object } = await store.patch(referenceTo(live), [
      { path: "/metadata/managedFields", value: takeOver(live, options.fieldManager) },
      { path: "/metadata/resourceVersion", value: stringAt(live, "metadata", "resourceVersion") ?? "" },
    ]);
    live = object;
  }
  const kept = keepIgnored(inputs, live, ignoreChanges.map(parsePath), options.fieldManager);
  return await store.apply(kept, { ...options, force });
}
