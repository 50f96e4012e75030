import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import type { Tool } from "./catalogue";
import { runCommand } from "./command";

/** A program that does not tell its version in this time is treated as one that does not fit. */
const VERSION_TIMEOUT_MILLISECONDS = 5_000;

export type PathLookup = { readonly path: string } | { readonly reason: string };

/** Looks for the tool on PATH and asks it for its version. */
export async function findOnPath(tool: Tool, environment: NodeJS.ProcessEnv): Promise<PathLookup> {
  const path = firstExecutable(tool.name, environment);
  if (path === undefined) return { reason: "not there" };
  const version = await askVersion(path, tool.versionArguments, environment);
  if (version === undefined) return { reason: `${path} does not tell its version` };
  if (!tool.accepts(version)) return { reason: `${path} is ${version}, needed is ${tool.accepted}` };
  return { path };
}

/** The absolute path of the first executable file of that name on PATH. */
export function firstExecutable(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  for (const directory of (environment["PATH"] ?? "").split(delimiter)) {
    if (directory !== "" && isExecutable(resolve(directory, name))) return resolve(directory, name);
  }
  return undefined;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // absent, not readable or not executable: each means "cannot be run"
  }
}

async function askVersion(
  path: string,
  versionArguments: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await runCommand(path, versionArguments, {
      // Asking for the version must not call home.
      environment: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeoutMilliseconds: VERSION_TIMEOUT_MILLISECONDS,
    });
    return versionIn(`${stdout}\n${stderr}`);
  } catch {
    return undefined; // not a program of this machine, e.g. built for another processor
  }
}

/** The first `1.2.3` or `v1.2.3-suffix` in a text, without the `v`. */
export function versionIn(text: string): string | undefined {
  return text.match(/\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)/)?.[1];
}
