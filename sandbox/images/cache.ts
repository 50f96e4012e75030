import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { ImageDefinition } from "./definition";

/** Files above this size were downloaded or built, and their path names their version: reading them at every start would take seconds. */
const READ_UP_TO_BYTES = 256 * 1024;

/** Where finished layers and images are kept, shared by all checkouts of this user. */
export function imageCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const home = environment["HOME"] ?? homedir();
  return resolve(environment["XDG_CACHE_HOME"] || join(home, ".cache"), "platform", "images");
}

/** Short name of anything that can be written as JSON: 16 hexadecimal digits. */
export function cacheKey(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/**
 * All that decides what is in the topmost layer of an image: the definition, and the files that it names.
 * @throws when a file is missing, although the definition's `prepare` has run
 */
export function contentFacts(definition: ImageDefinition): unknown {
  const { directories, links, accounts } = definition;
  const content = definition.content.map(({ from, to, mode }) => ({ to, mode, files: fileFacts(from) }));
  return { directories, links, accounts, content };
}

/** Path below `root`, kind, permissions and content of a file, or of everything in a folder. */
function fileFacts(root: string, path = ""): unknown[] {
  const file = join(root, path);
  const status = lstatSync(file);
  if (status.isDirectory()) {
    return readdirSync(file)
      .sort()
      .flatMap((name) => fileFacts(root, join(path, name)));
  }
  if (status.isSymbolicLink()) return [[path, "link", readlinkSync(file)]];
  const content =
    status.size > READ_UP_TO_BYTES
      ? { file, size: status.size, changed: status.mtimeMs }
      : createHash("sha256").update(readFileSync(file)).digest("hex");
  return [[path, status.mode, content]];
}
