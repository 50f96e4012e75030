import { parsePath } from "../protocol/property-path";
import { containsUnknown, mapAt, type PropertyMap, reveal, stringAt } from "../protocol/property-values";
import type { UpdateRequest, UpdateResult } from "../protocol/resource-provider";
import { isAnnotated } from "./annotations";
import type { ApiResponse } from "./api-client";
import { isConflict, isHandEditConflict, isUnauthorizedUser } from "./api-error";
import { asNotReady } from "./await/not-ready";
import { type Checkpoint, fieldManagerOf, makeCheckpoint, readCheckpoint } from "./checkpoint";
import type { Connection } from "./connection";
import { UnknownKindError } from "./discovery";
import { hasNoManagers, hasPredecessor, keepIgnored, type Takeover, takeOver } from "./field-managers";
import { normalizeInputs, withDashes } from "./inputs";
import { kindOf, nameOf, namespaceOf } from "./kinds";
import { type ObjectReference, type ObjectStore, referenceTo, type WriteOptions } from "./object-store";
import { initializationError, operationError } from "./operation-error";
import { isUndecided } from "./undecided";
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
    const options = { fieldManager, dryRun: request.preview, sent: sentInputs(checkpoint, inputs) };
    applied = await applyInputs(named, options, request.ignoreChanges, connection);
  } catch (error) {
    const cannotTell = error instanceof UnknownKindError || isUnauthorizedUser(error);
    if (request.preview && (cannotTell || (await isUndecided(error, named, request.urn, connection)))) {
      return { outputs: request.newInputs };
    }
    throw operationError("update", named, request.newInputs, error);
  }
  const outputs = (live: PropertyMap) =>
    makeCheckpoint(inputs, live, request.newInputs, { fieldManager, initialApiVersion: checkpoint.initialApiVersion });
  if (request.preview) return { outputs: outputs(applied.object) };
  await logWarnings(connection, request.urn, applied.warnings, request.newInputs);
  try {
    return { outputs: outputs(await connection.waiter.wait(applied.object, inputs, request)) };
  } catch (error) {
    // Whatever went wrong, the object is changed: the state has to keep the new inputs.
    const problem = asNotReady(error, applied.object);
    const what = `${kindOf(inputs).kind} ${request.id} was updated, but`;
    throw initializationError(what, problem, request.id, outputs(problem.live));
  }
}

/** What the resource has sent to the server; of an imported object it may claim no more than what the program says. */
export function sentInputs({ inputs, isImported }: Checkpoint, newInputs: PropertyMap): PropertyMap {
  return isImported ? newInputs : inputs;
}

/** Inputs with the name and namespace of the object that they are applied to. */
export function addressed(inputs: PropertyMap, live: PropertyMap): PropertyMap {
  const namespace = namespaceOf(live);
  const metadata = { ...mapAt(inputs, "metadata"), name: nameOf(live), ...(namespace !== "" && { namespace }) };
  return { ...inputs, metadata };
}

/** Attempts to change an object that controllers change at the same time. */
const takeOverAttempts = 5;

/** Makes the field manager the owner of what its predecessors own; gives the live object. */
async function takeOverFields(
  reference: ObjectReference,
  takeover: Takeover,
  store: ObjectStore,
): Promise<PropertyMap> {
  for (let attempt = 1; ; attempt += 1) {
    const live = await store.get(reference);
    if (!hasPredecessor(live, takeover)) return live;
    try {
      const { object } = await store.patch(reference, [
        { path: "/metadata/managedFields", value: takeOver(live, takeover) },
        // The server refuses the patch if the object has changed since, which would bring back older owners.
        { path: "/metadata/resourceVersion", value: stringAt(live, "metadata", "resourceVersion") ?? "" },
      ]);
      return object;
    } catch (error) {
      if (!isConflict(error) || attempt === takeOverAttempts) throw error;
    }
  }
}

/**
 * Applies the inputs by server-side apply. Gives the object as it was before as well.
 *
 * @param ignoreChanges property paths that stay as they are in the cluster
 */
export async function applyInputs(
  inputs: PropertyMap,
  options: WriteOptions & Takeover,
  ignoreChanges: readonly string[],
  { store, configuration }: Connection,
): Promise<ApiResponse & { readonly before: PropertyMap }> {
  const before = options.dryRun
    ? await store.get(referenceTo(inputs))
    : await takeOverFields(referenceTo(inputs), options, store);
  const force =
    isAnnotated(inputs, "patchForce") ||
    configuration.enablePatchForce ||
    hasNoManagers(before) ||
    // Ownership is only moved by a real update, so that a preview has to step over the predecessor.
    (options.dryRun && hasPredecessor(before, options));
  const kept = keepIgnored(inputs, before, ignoreChanges.map(parsePath), options.fieldManager);
  try {
    return { ...(await store.apply(kept, { ...options, force })), before };
  } catch (error) {
    // What kubectl has changed by hand in a field of the program is drift, and the program repairs drift.
    if (force || !isHandEditConflict(error)) throw error;
    return { ...(await store.apply(kept, { ...options, force: true })), before };
  }
}
