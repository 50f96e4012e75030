import { cpSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The packages whose providers the program uses; the version is that of the npm package. */
const PACKAGES = ["kubernetes", "random", "tls"] as const;

export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** The plugin's folder below `plugins`. */
  readonly folder: string;
}

/** The published plugins that the engine would not find in this folder of Pulumi. */
export function missingPlugins(home: string): Plugin[] {
  return PACKAGES.map((name) => {
    const { version } = require(`@pulumi/${name}/package.json`) as { version: string };
    return { name, version, folder: `resource-${name}-v${version}` };
  }).filter(({ folder }) => !isInstalled(join(home, "plugins", folder)));
}

/**
 * Puts the plugins that the user has already got into a folder of Pulumi. The engine passes over links to folders, so
 * that each gets a folder of its own, with the same files in it: hard links, or copies on another file system.
 */
export function takeUserPlugins(home: string): void {
  const userPlugins = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
  for (const { folder } of missingPlugins(home)) {
    const installed = join(userPlugins, folder);
    if (!isInstalled(installed, { throughLink: true })) continue;
    const place = join(home, "plugins", folder);
    const half = `${place}.${process.pid}`; // renamed when it is whole, so that nobody finds a half one
    rmSync(half, { recursive: true, force: true });
    sameFiles(installed, half);
    rmSync(place, { recursive: true, force: true }); // a link that an earlier version of the program made
    renameSync(half, place);
  }
}

/** Whether the engine takes it: a folder, and no mark of an installation that broke off. */
function isInstalled(folder: string, { throughLink = false } = {}): boolean {
  const facts = (throughLink ? statSync : lstatSync)(folder, { throwIfNoEntry: false });
  return facts?.isDirectory() === true && !existsSync(`${folder}.partial`);
}

function sameFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) sameFiles(source, target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one without hard links; if the file cannot be read either, copying says so.
    cpSync(source, target, { dereference: true });
  }
}
