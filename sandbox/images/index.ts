import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgressSink } from "../progress";
import { withLock } from "../tools/lock";
import { UserError } from "../user-error";
import { imageDocuments, writeArchive } from "./archive";
import { cacheKey, imageCacheDirectory } from "./cache";
import type { ImageDefinition } from "./definition";
import { type ImageBuildName, imageDefinitions } from "./definitions";
import { ensureLayers, layerKeys, pruneLayers } from "./layers";
import { imagePrerequisites } from "./prerequisites";
import { imageReference } from "./reference";

export { type ImageBuildName, imageBuildNames, imageDefinitions } from "./definitions";
export { imagePrerequisites } from "./prerequisites";

/** An image that lies ready on this machine. */
export interface BuiltImage {
  readonly name: string;
  /** How manifests name it. */
  readonly reference: string;
  /** Digest of its manifest, `sha256:…`: tells whether what a node has under the reference is this very image. */
  readonly digest: string;
  /** Absolute path of an OCI archive, for `ctr images import`. */
  readonly archive: string;
}

/**
 * The images of these names, each made unless the cache has it.
 * @throws UserError when something is missing on this machine, or a package cannot be had
 */
export async function ensureImages(
  names: readonly ImageBuildName[],
  progress: ProgressSink,
): Promise<readonly BuiltImage[]> {
  return ensureDefined(
    names.map((name) => imageDefinitions[name]),
    progress,
    imageCacheDirectory(),
  );
}

/** The same for any definitions; tests give their own. */
export async function ensureDefined(
  definitions: readonly ImageDefinition[],
  progress: ProgressSink,
  cache: string,
): Promise<readonly BuiltImage[]> {
  const images: BuiltImage[] = [];
  const made: string[] = [];
  for (const definition of definitions) {
    await definition.prepare?.(progress);
    const cached = findCached(definition, cache);
    images.push(cached ?? (await buildAlone(definition, progress, cache)));
    if (cached === undefined) made.push(definition.name);
  }
  if (made.length > 0) progress.done(`images ready: ${made.join(", ")}`);
  return images;
}

/** Two builds at a time would take the same processors, and the second mostly needs what the first makes. */
function buildAlone(definition: ImageDefinition, progress: ProgressSink, cache: string): Promise<BuiltImage> {
  const missing = imagePrerequisites();
  if (missing.length > 0) {
    throw new UserError(
      `The image ${definition.name} cannot be made here:\n${missing.map((each) => `- ${each}`).join("\n")}`,
    );
  }
  return withLock(
    join(cache, ".lock"),
    async () => findCached(definition, cache) ?? (await build(definition, progress, cache)),
    { onWait: (pid) => progress.step(`waiting for process ${pid}, which is making images`) },
  );
}

async function build(definition: ImageDefinition, progress: ProgressSink, cache: string): Promise<BuiltImage> {
  const place = { cache, progress };
  const layers = await ensureLayers(definition, place);
  progress.step(`image ${definition.name}: archive`);
  const { archive, record } = archiveFiles(definition, cache);
  const reference = imageReference(definition.name, definition.tag);
  const documents = imageDocuments(definition, layers, reference);
  await writeArchive(archive, documents, layers);
  // Last, for where it is the archive is complete.
  writeFileSync(record, documents.digest);
  pruneLayers(place, definition);
  removeOldArchives(definition, cache);
  return { name: definition.name, reference, digest: documents.digest, archive };
}

function findCached(definition: ImageDefinition, cache: string): BuiltImage | undefined {
  const { archive, record } = archiveFiles(definition, cache);
  if (!existsSync(archive) || !existsSync(record)) return undefined;
  const { name, tag } = definition;
  return { name, reference: imageReference(name, tag), digest: readFileSync(record, "utf8"), archive };
}

/** The hash is of all that the image is made from. */
function archiveFiles(definition: ImageDefinition, cache: string) {
  mkdirSync(cache, { recursive: true });
  const { name, tag, title, process } = definition;
  const archive = join(cache, `${name}-${cacheKey(layerKeys(definition), tag, title, process)}.tar`);
  return { archive, record: `${archive}.digest` };
}

/** Of each image the newest stays: an older one is made again from the layers that images share, without its packages. */
function removeOldArchives(definition: ImageDefinition, cache: string): void {
  const { archive } = archiveFiles(definition, cache);
  for (const entry of readdirSync(cache)) {
    const file = join(cache, entry);
    const name = entry.match(/^(.+)-[0-9a-f]{16}\.tar(\.digest)?$/)?.[1];
    if (name === definition.name && !file.startsWith(archive)) rmSync(file, { force: true });
  }
}
