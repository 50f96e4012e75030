import { setTimeout as sleep } from "node:timers/promises";
import { containsUnknown, type PropertyMap, reveal } from "../protocol/property-values";
import type { CreateRequest, CreateResult } from "../protocol/resource-provider";
import type { ApiResponse } from "./api-client";
import { isAlreadyExists, isNamespaceMissing, isUnauthorizedUser } from "./api-error";
import { asNotReady } from "./await/not-ready";
import { creatingFieldManager, fieldManagerOf, makeCheckpoint } from "./checkpoint";
import type { Connection } from "./connection";
import { UnknownKindError } from "./discovery";
import { normalizeInputs, withDashes } from "./inputs";
import { idOf, isKind, kindOf } from "./kinds";
import { referenceTo } from "./object-store";
import { existsError, initializationError, operationError } from "./operation-error";
import { isUndecided } from "./undecided";
import { logWarnings } from "./warnings";

/** Pauses between attempts to create an object whose namespace or kind is still being created, in milliseconds. */
const retryPauses = [100, 200, 300, 400, 500, 500, 1000, 1000, 2000, 2000];

/** Creates an object and waits until it is ready; in a preview lets the server check and complete it. */
export async function createObject(request: CreateRequest, connection: Connection): Promise<CreateResult> {
  const inputs = normalizeInputs(withDashes(reveal(request.inputs)));
  const fieldManager = fieldManagerOf(inputs, undefined);
  connection.program.noteChange(inputs);
  if (request.preview) return { id: "", outputs: await previewCreation(request, inputs, fieldManager, connection) };

  const created = await createWithRetries(inputs, connection).catch(async (error) => {
    throw await creationError(error, inputs, request, connection);
  });
  await logWarnings(connection, request.urn, created.warnings, request.inputs);
  const checkpoint = (live: PropertyMap) =>
    makeCheckpoint(inputs, live, request.inputs, { fieldManager, initialApiVersion: undefined });
  const id = idOf(created.object);
  try {
    const live = await connection.waiter.wait(created.object, inputs, request);
    if (isKind(inputs, "apiextensions.k8s.io", "CustomResourceDefinition")) connection.store.discovery.forget();
    return { id, outputs: checkpoint(live) };
  } catch (error) {
    // Whatever went wrong, the object exists: without it in the state, the next deployment could not create it.
    const problem = asNotReady(error, created.object);
    throw initializationError(`${kindOf(inputs).kind} ${id} was created, but`, problem, id, checkpoint(problem.live));
  }
}

async function creationError(
  error: unknown,
  inputs: PropertyMap,
  request: CreateRequest,
  { store }: Connection,
): Promise<Error> {
  if (!isAlreadyExists(error)) return operationError("create", inputs, request.inputs, error);
  // Who has made it decides what helps; without the right to read it the advice is the careful one.
  const existing = await store.get(referenceTo(inputs)).catch(() => undefined);
  return existsError(inputs, request, existing, error);
}

/**
 * The outputs as the server would make them. Where it cannot say, because the namespace, the kind or a value does not
 * exist yet or an object of this name is about to be replaced, the inputs stand for the outputs. What `up` would be
 * refused is refused here, unless the same run changes what the refusal depends on.
 */
async function previewCreation(
  request: CreateRequest,
  inputs: PropertyMap,
  fieldManager: string,
  connection: Connection,
): Promise<PropertyMap> {
  if (containsUnknown(inputs)) return request.inputs;
  const { store, program } = connection;
  try {
    const { object } = await store.create(inputs, { fieldManager: creatingFieldManager, dryRun: true });
    // A program that reads the status must find it unknown, not empty.
    const { status: _, ...expected } = object;
    return makeCheckpoint(inputs, expected, request.inputs, { fieldManager, initialApiVersion: undefined });
  } catch (error) {
    const isExpected =
      error instanceof UnknownKindError ||
      isNamespaceMissing(error) ||
      isUnauthorizedUser(error) ||
      (isAlreadyExists(error) && program.isReplacement(request.urn));
    if (isExpected || (await isUndecided(error, inputs, request.urn, connection))) return request.inputs;
    throw await creationError(error, inputs, request, connection);
  }
}

/** Tolerates that the namespace or the definition of a custom resource is being created at the same time. */
async function createWithRetries(inputs: PropertyMap, { store, cancelled }: Connection): Promise<ApiResponse> {
  for (const pause of retryPauses) {
    try {
      return await store.create(inputs, { fieldManager: creatingFieldManager, dryRun: false });
    } catch (error) {
      if (!(error instanceof UnknownKindError) && !isNamespaceMissing(error)) throw error;
      await sleep(pause, undefined, { signal: cancelled });
    }
  }
  return await store.create(inputs, { fieldManager: creatingFieldManager, dryRun: false });
}
