import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ProgressSink } from "../progress";
import { UserError } from "../user-error";

/** Pulumi's published plugins, or the ones that this repository brings along (`sandbox/providers`). */
export type ProviderKind = "official" | "builtin";

/** What the option `--providers` takes. */
export const providerChoices = ["official", "builtin", "auto"] as const;
export type ProviderChoice = (typeof providerChoices)[number];

/** The packages whose providers the program uses; the version is that of the npm package. */
const PACKAGES = ["kubernetes", "random", "tls"] as const;

/** Plugins come from here. A host that does not answer in this time is treated as not reachable. */
const DOWNLOAD_HOST = "https://get.pulumi.com";
const PROBE_MILLISECONDS = 3000;

export interface ProviderSelection {
  readonly choice: ProviderChoice;
  /** Pulumi's folder of this run; its `plugins` is what the engine looks into. */
  readonly home: string;
  /** Folder of the stack, which remembers what it was made with. */
  readonly workFolder: string;
  readonly progress: ProgressSink;
  /** Runs `pulumi` with these arguments. */
  readonly pulumi: (args: string[]) => Promise<unknown>;
}

/**
 * Decides which providers serve a run. `auto` keeps to what the stack was made with, else takes the official ones if
 * they are installed or can be downloaded, else the builtin ones.
 * @throws UserError when `official` is wanted, or is what the stack was made with, and cannot be had
 */
export async function chooseProviders(selection: ProviderSelection): Promise<ProviderKind> {
  const remembered = rememberedProviders(selection.workFolder);
  const wanted = selection.choice === "auto" ? (remembered ?? "auto") : selection.choice;
  if (wanted === "builtin") return "builtin";
  if (await haveOfficialPlugins(selection)) return "official";
  if (wanted === "auto") return "builtin";
  const reason =
    selection.choice === "auto" ? "The stack was made with the official providers, which" : "The official providers";
  throw new UserError(
    `${reason} are not installed and cannot be downloaded from ${DOWNLOAD_HOST}. Install them with ` +
      `${missingPlugins(selection.home)
        .map(({ name, version }) => `\`pulumi plugin install resource ${name} ${version}\``)
        .join(", ")}, or use --providers builtin.`,
  );
}

/** Notes what the stack is made with, so that `auto` does not change it later. */
export function rememberProviders(workFolder: string, kind: ProviderKind): void {
  writeFileSync(memoryFile(workFolder), `${kind}\n`);
}

function rememberedProviders(workFolder: string): ProviderKind | undefined {
  const file = memoryFile(workFolder);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8").trim();
  if (text === "official" || text === "builtin") return text;
  throw new UserError(
    `${file} should hold "official" or "builtin": what the stack was made with. Correct or remove it.`,
  );
}

function memoryFile(workFolder: string): string {
  return join(workFolder, "providers");
}

async function haveOfficialPlugins(selection: ProviderSelection): Promise<boolean> {
  linkUserPlugins(selection.home);
  const missing = missingPlugins(selection.home);
  if (missing.length === 0) return true;
  if (!(await reachable(DOWNLOAD_HOST))) return false;
  for (const { name, version } of missing) {
    selection.progress.step(`downloading the official ${name} provider ${version}`);
    try {
      await selection.pulumi(["plugin", "install", "resource", name, version]);
    } catch (error) {
      selection.progress.warn(`the official ${name} provider could not be downloaded: ${(error as Error).message}`);
      return false;
    }
  }
  selection.progress.done("official providers downloaded");
  return true;
}

/** Plugins that the user has already got are used from where they are. */
function linkUserPlugins(home: string): void {
  const userPlugins = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
  for (const plugin of missingPlugins(home)) {
    const installed = join(userPlugins, plugin.folder);
    if (!existsSync(installed)) continue;
    mkdirSync(join(home, "plugins"), { recursive: true });
    const link = join(home, "plugins", plugin.folder);
    rmSync(link, { force: true }); // a link whose plugin was removed and installed again elsewhere
    symlinkSync(installed, link, "dir");
  }
}

interface Plugin {
  readonly name: string;
  readonly version: string;
  /** The plugin's folder below `plugins`. */
  readonly folder: string;
}

function missingPlugins(home: string): Plugin[] {
  return PACKAGES.map((name) => {
    const { version } = require(`@pulumi/${name}/package.json`) as { version: string };
    return { name, version, folder: `resource-${name}-v${version}` };
  }).filter(({ folder }) => !existsSync(join(home, "plugins", folder)));
}

async function reachable(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(PROBE_MILLISECONDS) });
    return true;
  } catch {
    return false; // no route, no name, a proxy that refuses: all the same to the caller
  }
}
