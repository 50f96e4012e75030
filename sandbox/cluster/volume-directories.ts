import { existsSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "./api-client";
import type { Layout } from "./layout";

/** Fixed in Kubernetes' host-path provisioner, which takes no other place. */
const PARENT = "/tmp/hostpath_pv";

/**
 * Notes which directories the provisioner made for this cluster's volumes, while its API server can still tell.
 * Without a real node they are empty, and the cluster does without them: they are removed at once.
 */
export async function noteVolumeDirectories(layout: Layout, api: ApiClient, holdData: boolean): Promise<void> {
  const { status, body } = await api.request("GET", "/api/v1/persistentvolumes");
  if (status !== 200) return;
  const directories = volumeDirectories(body);
  // What was noted before may be of volumes that the cluster has forgotten with its data.
  const noted = [...new Set([...notedDirectories(layout), ...directories])].filter((each) => existsSync(each));
  writeFileSync(noteOf(layout), noted.map((directory) => `${directory}\n`).join(""));
  if (holdData) return;
  for (const directory of directories) removeIfEmpty(directory);
  removeIfEmpty(PARENT);
}

/** Removes the noted directories with all that containers wrote there. Call it when the cluster's own files go, too. */
export function removeVolumeDirectories(layout: Layout): void {
  for (const directory of notedDirectories(layout)) rmSync(directory, { recursive: true, force: true });
  removeIfEmpty(PARENT);
}

/** @param list the API server's PersistentVolumeList, as JSON */
export function volumeDirectories(list: string): string[] {
  const { items } = JSON.parse(list) as { items: { spec: { hostPath?: { path: string } } }[] };
  return items.map(({ spec }) => spec.hostPath?.path ?? "").filter(isVolumeDirectory);
}

/** Exactly the provisioner's own form: a volume of the user may be anywhere. */
function isVolumeDirectory(path: string): boolean {
  return /^\/tmp\/hostpath_pv\/[0-9a-f-]{36}$/.test(path);
}

function notedDirectories(layout: Layout): string[] {
  const note = noteOf(layout);
  return existsSync(note) ? readFileSync(note, "utf8").split("\n").filter(isVolumeDirectory) : [];
}

function noteOf(layout: Layout): string {
  return join(layout.cluster, "volume-directories");
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
