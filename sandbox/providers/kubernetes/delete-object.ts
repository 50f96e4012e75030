import { setTimeout as sleep } from "node:timers/promises";
import { type PropertyMap, stringAt, valueAt } from "../protocol/property-values";
import type { DeleteRequest } from "../protocol/resource-provider";
import { deletionPropagationOf, isAnnotated, timeoutOf } from "./annotations";
import { isNotFound } from "./api-error";
import { NotReadyError } from "./await/not-ready";
import { makeCheckpoint, readCheckpoint } from "./checkpoint";
import type { Connection } from "./connection";
import { UnknownKindError } from "./discovery";
import { explainUse, usersOf } from "./in-use";
import { kindOf } from "./kinds";
import type { ObjectReference } from "./object-store";
import { describe, initializationError, operationError } from "./operation-error";
import { referenceOf } from "./read-object";

const defaultTimeout = 10 * 60 * 1000;
const firstPause = 20;
const longestPause = 500;

/** Kinds that Kubernetes keeps as long as somebody uses them. */
const mayBeInUse: ReadonlySet<string> = new Set(["PersistentVolume", "PersistentVolumeClaim"]);
/** Milliseconds in which the end of whoever uses an object has to begin. */
const usersLeaveWithin = 30_000;

/** Kinds for which `pulumi.com/skipAwait` also means not to wait until they are gone. */
const mayStayBehind: ReadonlySet<string> = new Set([
  "Namespace",
  "Pod",
  "ReplicationController",
  "DaemonSet",
  "Deployment",
  "StatefulSet",
  "Job",
]);

/** Deletes an object and waits until it is gone. An object that is gone already is no error. */
export async function deleteObject(request: DeleteRequest, connection: Connection): Promise<void> {
  const { live, inputs, fieldManager, initialApiVersion } = readCheckpoint(request.outputs);
  const reference = referenceOf(request, live);
  try {
    await untilUnused(reference, request, connection);
    await connection.store.delete(reference, deletionPropagationOf(inputs));
  } catch (error) {
    if (isNotFound(error) || error instanceof UnknownKindError) return;
    throw operationError("delete", live, request.outputs, error);
  }
  if (isAnnotated(inputs, "skipAwait") && mayStayBehind.has(kindOf(live).kind)) return;
  try {
    await untilGone(reference, live, timeoutOf(inputs, request.timeout, defaultTimeout), request.urn, connection);
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    const outputs = makeCheckpoint(inputs, error.live, request.outputs, {
      fieldManager: fieldManager ?? "",
      initialApiVersion,
    });
    throw initializationError(
      `Kubernetes has accepted the deletion of ${describe(live)}, but`,
      error,
      request.id,
      outputs,
    );
  }
}

/**
 * A deletion that Kubernetes holds up cannot be taken back, so it is not even begun while somebody who stays uses the
 * object. Who leaves at the same time gets the time to do so.
 */
async function untilUnused(
  reference: ObjectReference,
  { timeout, urn }: DeleteRequest,
  { store, log, cancelled }: Connection,
): Promise<void> {
  if (!mayBeInUse.has(reference.gvk.kind)) return;
  const deadline = performance.now() + (timeout > 0 ? Math.min(timeout * 1000, usersLeaveWithin) : usersLeaveWithin);
  for (;;) {
    const object = await store.get(reference);
    const users = await usersOf(object, store);
    if (users.length === 0) return;
    if (cancelled.aborted || performance.now() + longestPause > deadline) {
      throw new Error(`${describe(object)} was not deleted. ${explainUse(object, users)}`);
    }
    await log("info", urn, `waiting until it is no longer used by ${users.join(", ")}`, true);
    await sleep(longestPause, undefined, { signal: cancelled }).catch(() => {});
  }
}

async function untilGone(
  reference: ObjectReference,
  deleted: PropertyMap,
  timeout: number,
  urn: string,
  { store, log, cancelled }: Connection,
): Promise<void> {
  const deadline = performance.now() + timeout;
  let remaining = deleted;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      remaining = await store.get(reference);
    } catch (error) {
      if (isNotFound(error) || error instanceof UnknownKindError) return;
      throw error;
    }
    // Somebody has created another object of the same name.
    if (stringAt(remaining, "metadata", "uid") !== stringAt(deleted, "metadata", "uid")) return;
    if (cancelled.aborted)
      throw new NotReadyError("the operation was cancelled before it was gone", obstacles(remaining), remaining);
    if (performance.now() + pause > deadline) {
      const message = `it was not gone after ${timeout / 1000} s`;
      throw new NotReadyError(message, obstacles(remaining), remaining);
    }
    if (pause === longestPause)
      await log("info", urn, obstacles(remaining).join("; ") || "waiting until it is gone", true);
    // A cancellation, the only reason to reject, just ends the pause: the next round reads what is left and tells it.
    await sleep(pause, undefined, { signal: cancelled }).catch(() => {});
  }
}

/** What keeps an object that is being deleted. */
function obstacles(object: PropertyMap): string[] {
  const finalizers = [
    valueAt(object, "metadata", "finalizers") ?? [],
    valueAt(object, "spec", "finalizers") ?? [],
  ].flat();
  const conditions = namespaceConditions(object);
  const waiting = finalizers.length > 0 ? [`waiting for its finalizers: ${finalizers.map(String).join(", ")}`] : [];
  return [...waiting, ...conditions];
}

/** What a namespace that does not go away still contains. */
function namespaceConditions(object: PropertyMap): string[] {
  const conditions = valueAt(object, "status", "conditions");
  if (kindOf(object).kind !== "Namespace" || !Array.isArray(conditions)) return [];
  return conditions.flatMap((condition) => {
    const holds = typeof condition === "object" && condition !== null && !Array.isArray(condition);
    return holds && condition["status"] === "True" ? [String(condition["message"])] : [];
  });
}
