import { mapAt, mapsAt, type PropertyMap, stringAt } from "../protocol/property-values";
import { isForbidden, isNotFound } from "./api-error";
import { idOf, isKind, nameOf, namespaceOf } from "./kinds";
import type { ObjectStore } from "./object-store";
import { describe } from "./operation-error";

const claims = { group: "", version: "v1", kind: "PersistentVolumeClaim" };
const pods = { group: "", version: "v1", kind: "Pod" };

/**
 * Who keeps Kubernetes from deleting a volume or a claim, for as long as they are there: the claim that is bound to the
 * volume, the Pods that have mounted the claim. Empty for what is free, and for every other kind.
 */
export async function usersOf(object: PropertyMap, store: ObjectStore): Promise<string[]> {
  try {
    if (isKind(object, "", "PersistentVolume")) return await claimOf(object, store);
    if (isKind(object, "", "PersistentVolumeClaim")) return await podsOf(object, store);
  } catch (error) {
    // Without the right to look, the deletion itself has to show it.
    if (isForbidden(error) || isNotFound(error)) return [];
    throw error;
  }
  return [];
}

async function claimOf(volume: PropertyMap, store: ObjectStore): Promise<string[]> {
  const { name = "", namespace = "", uid } = mapAt(volume, "spec", "claimRef");
  if (stringAt(volume, "status", "phase") !== "Bound" || name === "") return [];
  const claim = await store.get({ gvk: claims, namespace: String(namespace), name: String(name) });
  const isBound = uid === undefined || stringAt(claim, "metadata", "uid") === uid;
  return isBound && stays(claim) ? [`PersistentVolumeClaim ${idOf(claim)}`] : [];
}

async function podsOf(claim: PropertyMap, store: ObjectStore): Promise<string[]> {
  const list = await store.list(pods, namespaceOf(claim));
  return mapsAt(list, "items")
    .filter((pod) => stays(pod) && !["Succeeded", "Failed"].includes(stringAt(pod, "status", "phase") ?? ""))
    .filter((pod) =>
      mapsAt(pod, "spec", "volumes").some(
        (volume) => stringAt(volume, "persistentVolumeClaim", "claimName") === nameOf(claim),
      ),
    )
    .map((pod) => `Pod ${idOf(pod)}`);
}

/** Whether nobody has asked for the end of an object. */
function stays(object: PropertyMap): boolean {
  return stringAt(object, "metadata", "deletionTimestamp") === undefined;
}

/** Why an object cannot be deleted, and how to replace it nevertheless. */
export function explainUse(object: PropertyMap, users: readonly string[]): string {
  const used = `${describe(object)} is used by ${users.join(", ")}`;
  return isKind(object, "", "PersistentVolume")
    ? `${used}. Kubernetes keeps a volume until its claim is gone, so that a deletion hangs, and it cannot be taken ` +
        "back. To put another volume in its place, save the data if it does not outlive the volume, stop the workloads " +
        "that use the claim, delete the claim, and run `up` again; or make a volume and a claim of other names."
    : `${used}. Kubernetes keeps a claim until no Pod uses it, so that a deletion hangs, and it cannot be taken back. To ` +
        "put another claim in its place, save the data, scale the workload to 0 and run `up` again; or make a claim of " +
        "another name and copy the data.";
}
