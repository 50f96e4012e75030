import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { ProgressSink } from "../progress";
import { catalogue, currentPlatform, linkerFlags, type Tool, type ToolName } from "./catalogue";
import { ChecksumError, downloadTool, Hosts } from "./download";
import { buildWithGo } from "./go-build";
import { withLock } from "./lock";
import { type FailedWays, MissingToolsError } from "./missing-tools-error";
import { findOnPath, isExecutable } from "./path-lookup";

export type { ToolName } from "./catalogue";
export { MissingToolsError } from "./missing-tools-error";

export interface ToolsOptions {
  /**
   * Read instead of this process's own: PATH; PLATFORM_TOOLS_DIR and XDG_CACHE_HOME for the place of the cache;
   * PLATFORM_TOOLS_DOWNLOAD=never to leave official downloads out.
   */
  readonly environment?: NodeJS.ProcessEnv;
  /** The known tools. @default the catalogue; tests give their own */
  readonly tools?: Readonly<Record<ToolName, Tool>>;
}

/**
 * The absolute path of each asked program. The cache is looked at first, because that costs nothing and it holds
 * exactly the wanted versions; then PATH, the publisher's build, and a build from source, in this order.
 * @throws MissingToolsError when there is no way to some of them
 */
export async function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  progress: ProgressSink,
  options: ToolsOptions = {},
): Promise<Readonly<Record<Name, string>>> {
  const environment = options.environment ?? process.env;
  const tools = names.map((name) => (options.tools ?? catalogue)[name]);
  const cache = cacheDirectory(environment);
  const found = new Map<ToolName, string>();
  const takeFromCache = (tool: Tool) => {
    const path = cachedPath(cache, tool);
    return isExecutable(path) && found.set(tool.name, path) !== undefined;
  };

  const notCached = tools.filter((tool) => !takeFromCache(tool));
  const onPath = await Promise.all(
    notCached.map(async (tool) => ({ tool, lookup: await findOnPath(tool, environment) })),
  );
  const missing: Missing[] = [];
  for (const { tool, lookup } of onPath) {
    if ("path" in lookup) found.set(tool.name, lookup.path);
    else missing.push({ tool, pathReason: lookup.reason, number: missing.length + 1 });
  }

  const failures: FailedWays[] = [];
  const fetching: Fetching = { cache, environment, progress, hosts: new Hosts(), total: missing.length };
  for (const module of new Set(missing.map(({ tool }) => tool.module))) {
    const ofModule = missing.filter(({ tool }) => tool.module === module);
    await withLock(
      join(cache, `.lock-${module}`),
      async () => {
        // Whoever held the lock before may have fetched them.
        const still = ofModule.filter(({ tool }) => !takeFromCache(tool));
        failures.push(...(await fetchTools(still, fetching)));
        for (const { tool } of still) takeFromCache(tool);
      },
      { onWait: (pid) => progress.step(`waiting for process ${pid}, which is getting the same tools (${module})`) },
    );
  }
  if (failures.length > 0) throw new MissingToolsError(failures, cache);
  if (missing.length > 0) progress.done(`tools ready: ${missing.map(({ tool }) => tool.name).join(", ")}`);
  return Object.fromEntries(found) as Record<Name, string>;
}

interface Missing {
  readonly tool: Tool;
  /** Why no program on PATH will do. */
  readonly pathReason: string;
  /** Counted from 1 over all missing tools. */
  readonly number: number;
}

interface Fetching {
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly hosts: Hosts;
  readonly progress: ProgressSink;
  /** How many tools are missing. */
  readonly total: number;
}

/** Downloads what can be downloaded and builds the rest in one go. All are of one module. Gives what neither could do. */
async function fetchTools(missing: readonly Missing[], fetching: Fetching): Promise<FailedWays[]> {
  const toBuild: (Missing & { readonly downloadReason: string })[] = [];
  for (const each of missing) {
    const downloadReason = await tryDownload(each, fetching);
    if (downloadReason !== undefined) toBuild.push({ ...each, downloadReason });
  }
  const [first, ...rest] = toBuild.map(({ tool }) => tool);
  if (first === undefined) return [];
  const numbers = toBuild.map(({ number }) => number).join(", ");
  try {
    await buildWithGo({
      tools: [first, ...rest],
      linkerFlags: linkerFlags[first.module],
      target: (tool) => cachedPath(fetching.cache, tool),
      stagingParent: fetching.cache,
      environment: fetching.environment,
      progress: fetching.progress,
      label: `tool ${numbers} of ${fetching.total} (${toBuild.map(({ tool }) => tool.name).join(", ")})`,
    });
    return [];
  } catch (error) {
    return toBuild.map(({ tool, pathReason, downloadReason }) => ({
      tool,
      path: pathReason,
      download: downloadReason,
      build: messageOf(error),
    }));
  }
}

/** Undefined when the tool is now in the cache, else the reason why not. */
async function tryDownload({ tool, number }: Missing, fetching: Fetching): Promise<string | undefined> {
  if (fetching.environment["PLATFORM_TOOLS_DOWNLOAD"] === "never")
    return "switched off by PLATFORM_TOOLS_DOWNLOAD=never";
  const platform = currentPlatform();
  const download = tool.download(platform);
  if (download === undefined) return `not published for ${platform.system}/${platform.architecture}`;
  const target = cachedPath(fetching.cache, tool);
  const label = `tool ${number} of ${fetching.total} (${tool.name})`;
  mkdirSync(dirname(target), { recursive: true });
  fetching.progress.step(`${label}: asking ${new URL(download.url).host}`);
  try {
    await downloadTool(download, target, fetching.hosts, (received, size) =>
      fetching.progress.step(`${label}: ${megabytes(received)} of ${size === undefined ? "?" : megabytes(size)} MB`),
    );
    return undefined;
  } catch (error) {
    // A build from pinned sources is a safe way out, but nobody should miss that a download was not what it claims.
    if (error instanceof ChecksumError)
      fetching.progress.warn(`Refused the download of ${tool.name}: ${error.message}`);
    return messageOf(error);
  }
}

/** Shared by all checkouts of this user: `PLATFORM_TOOLS_DIR`, else `platform/tools` in the user's cache directory. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const own = environment["PLATFORM_TOOLS_DIR"];
  if (own !== undefined && own !== "") return resolve(own);
  const home = environment["HOME"] ?? homedir();
  return resolve(environment["XDG_CACHE_HOME"] || join(home, ".cache"), "platform", "tools");
}

function cachedPath(cache: string, tool: Tool): string {
  return join(cache, `${tool.name}-${tool.version}`, tool.name);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
