import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { ProgressSink } from "../progress";
import { catalogue, currentPlatform, type ModuleName, type Tool, type ToolName } from "./catalogue";
import { downloadTool, Hosts } from "./download";
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
    else missing.push({ tool, pathReason: lookup.reason });
  }

  const failures: FailedWays[] = [];
  const hosts = new Hosts();
  for (const module of new Set(missing.map(({ tool }) => tool.module))) {
    const ofModule = missing.filter(({ tool }) => tool.module === module);
    await withLock(
      join(cache, `.lock-${module}`),
      async () => {
        // Whoever held the lock before may have fetched them.
        const still = ofModule.filter(({ tool }) => !takeFromCache(tool));
        failures.push(
          ...(await fetchTools(module, still, { cache, environment, hosts, progress, total: tools.length })),
        );
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
  readonly pathReason: string;
}

interface Fetching {
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly hosts: Hosts;
  readonly progress: ProgressSink;
  /** How many tools were asked for. */
  readonly total: number;
}

/** Downloads what can be downloaded and builds the rest of the module in one go. Gives what neither could do. */
async function fetchTools(module: ModuleName, missing: readonly Missing[], fetching: Fetching): Promise<FailedWays[]> {
  const toBuild: (Missing & { readonly downloadReason: string })[] = [];
  for (const [index, each] of missing.entries()) {
    const label = `tool ${index + 1} of ${missing.length} of ${module}: ${each.tool.name} ${each.tool.version}`;
    const downloadReason = await tryDownload(each.tool, label, fetching);
    if (downloadReason !== undefined) toBuild.push({ ...each, downloadReason });
  }
  const [first, ...rest] = toBuild.map(({ tool }) => tool);
  if (first === undefined) return [];
  try {
    await buildWithGo({
      tools: [first, ...rest],
      target: (tool) => cachedPath(fetching.cache, tool),
      stagingParent: fetching.cache,
      environment: fetching.environment,
      progress: fetching.progress,
      label: [first, ...rest].map((tool) => tool.name).join(", "),
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
async function tryDownload(tool: Tool, label: string, fetching: Fetching): Promise<string | undefined> {
  if (fetching.environment["PLATFORM_TOOLS_DOWNLOAD"] === "never")
    return "switched off by PLATFORM_TOOLS_DOWNLOAD=never";
  const platform = currentPlatform();
  const download = tool.download(platform);
  if (download === undefined) return `not published for ${platform.system}/${platform.architecture}`;
  const target = cachedPath(fetching.cache, tool);
  mkdirSync(dirname(target), { recursive: true });
  fetching.progress.step(`${label}: asking ${new URL(download.url).host}`);
  try {
    await downloadTool(download, target, fetching.hosts, (received, total) =>
      fetching.progress.step(`${label}: ${megabytes(received)} of ${total === undefined ? "?" : megabytes(total)} MB`),
    );
    return undefined;
  } catch (error) {
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
