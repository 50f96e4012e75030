import { existsSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "./api-client";

/** Fixed in Kubernetes' host-path provisioner, which takes no other place. */
const PARENT = "/tmp/hostpath_pv";

/**
 * Removes the directories that the provisioner made for this cluster's volumes. They are empty, since no container
 * ever writes to them, and the cluster does without them: removing only empty ones makes this safe.
 */
export async function removeVolumeDirectories(api: ApiClient): Promise<void> {
  const { status, body } = await api.request("GET", "/api/v1/persistentvolumes");
  if (status !== 200) return;
  for (const directory of volumeDirectories(body)) removeIfEmpty(directory);
  removeIfEmpty(PARENT);
}

/** @param list the API server's PersistentVolumeList, as JSON */
export function volumeDirectories(list: string): string[] {
  const { items } = JSON.parse(list) as { items: { spec: { hostPath?: { path: string } } }[] };
  return items.flatMap(({ spec }) => {
    const path = spec.hostPath?.path ?? "";
    // Exactly the provisioner's own form: a volume of the user may be anywhere.
    return path.match(/^\/tmp\/hostpath_pv\/[0-9a-f-]{36}$/) ? [join(path)] : [];
  });
}

function removeIfEmpty(directory: string): void {
  if (!existsSync(directory)) return;
  try {
    rmdirSync(directory);
  } catch (error) {
    const expected = ["ENOTEMPTY", "ENOENT", "EPERM", "EACCES"];
    if (!expected.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
