import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProgressSink } from "../progress";
import { UserError } from "../user-error";
import { missingPlugins, takeUserPlugins } from "./plugins";

/** Pulumi's published plugins, or the ones that this repository brings along (`sandbox/providers`). */
export type ProviderKind = "official" | "builtin";

/** What the option `--providers` takes. */
export const providerChoices = ["official", "builtin", "auto"] as const;
export type ProviderChoice = (typeof providerChoices)[number];

/** Plugins come from here. A host that does not answer in this time is treated as not reachable. */
const DOWNLOAD_HOST = "https://get.pulumi.com";
const PROBE_MILLISECONDS = 3000;

export interface ProviderSelection {
  readonly choice: ProviderChoice;
  /** Pulumi's folder of this run; its `plugins` is what the engine looks into. */
  readonly home: string;
  /** Folder of the stack, which remembers what it was made with. */
  readonly workFolder: string;
  /** The embedded cluster, or one that other people use. */
  readonly target: "sandbox" | "cluster";
  readonly progress: ProgressSink;
  /** Runs `pulumi` with these arguments. */
  readonly pulumi: (args: string[]) => Promise<unknown>;
}

/**
 * Decides which providers serve a run. On the embedded cluster `auto` keeps to what the stack was made with, else takes
 * the official ones if they are installed or can be downloaded, else the builtin ones. On any other cluster it takes the
 * official ones only: they are what the rest of the world runs and tests, and the data there is somebody's.
 * @throws UserError when only the official ones will do, and they cannot be had
 */
export async function chooseProviders(selection: ProviderSelection): Promise<ProviderKind> {
  const { choice, target, progress } = selection;
  const remembered = rememberedProviders(selection.workFolder);
  const wanted = choice !== "auto" ? choice : target === "cluster" ? "official" : (remembered ?? "auto");
  if (wanted === "builtin") {
    if (target === "cluster") progress.warn(BUILTIN_WARNING);
    return "builtin";
  }
  if (await haveOfficialPlugins(selection)) {
    if (choice === "auto" && remembered === "builtin") progress.warn(SWITCH_WARNING);
    return "official";
  }
  if (wanted === "auto") return "builtin";
  throw new UserError(
    `${whyOfficial(choice, remembered)} are not installed and cannot be downloaded from ${DOWNLOAD_HOST}. Install them with ` +
      `${missingPlugins(selection.home)
        .map(({ name, version }) => `\`pulumi plugin install resource ${name} ${version}\``)
        .join(", ")}, or use --providers builtin.`,
  );
}

const BUILTIN_WARNING =
  "The builtin providers are made for the embedded cluster. Here they change a cluster that others use: look at each " +
  "preview, and see docs/providers.md for where they differ from the official ones.";

const SWITCH_WARNING =
  "This stack was last brought up with the builtin providers, and this run takes the official ones, as on every cluster " +
  "but the embedded one. Look at the preview first; --providers builtin stays with the others.";

function whyOfficial(choice: ProviderChoice, remembered: ProviderKind | undefined): string {
  if (choice === "official") return "The official providers";
  return remembered === "official"
    ? "The stack was made with the official providers, which"
    : "A cluster that is not the embedded one gets the official providers, which";
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
  takeUserPlugins(selection.home);
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

async function reachable(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(PROBE_MILLISECONDS) });
    return true;
  } catch {
    return false; // no route, no name, a proxy that refuses: all the same to the caller
  }
}
