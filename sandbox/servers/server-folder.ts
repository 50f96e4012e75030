import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Where a server is kept that is fetched or built once, for images and for tests:
 * `$XDG_CACHE_HOME/platform/servers/<name>-<version>/` (`~/.cache` without that variable).
 * The folder appears there only when it is complete.
 */
export function serverFolder(name: string, version: string): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return resolve(cache, "platform", "servers", `${name}-${version}`);
}
