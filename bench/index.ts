import { existsSync } from "node:fs";
import { cpus, homedir, loadavg, release, totalmem, type } from "node:os";
import { join } from "node:path";
import type { ProviderKind } from "../sandbox/engine/providers";
import { terminalProgress } from "../sandbox/progress";
import { measureComparison, measureGrowth } from "./comparison";
import { measureEvaluation } from "./evaluation";
import type { BenchResults, Machine } from "./results";

export interface BenchOptions {
  readonly parts: readonly ("evaluation" | "comparison" | "growth")[];
  /** How often each work is done. @default 5; growth once for each size, since it takes the longest */
  readonly runs?: number;
  /** @default builtin, and official where the plugins are installed */
  readonly providers?: readonly ProviderKind[];
}

/** Measures; what fails is left out and told, so that an hour's work is not lost. */
export async function runBench({ parts, runs, providers = installedProviders() }: BenchOptions): Promise<BenchResults> {
  const progress = terminalProgress();
  const machine = machineNow();
  const nothing = { measured: [], left: [] };
  const has = (part: BenchOptions["parts"][number]) => parts.includes(part);
  const evaluation = has("evaluation") ? await measureEvaluation(runs ?? 5, progress) : [];
  const comparison = has("comparison") ? await measureComparison({ runs: runs ?? 5, providers, progress }) : nothing;
  const growth = has("growth") ? await measureGrowth({ runs: runs ?? 1, providers, progress }) : nothing;
  progress.done("measured");
  return {
    machine,
    evaluation,
    comparison: comparison.measured,
    growth: growth.measured,
    left: [...comparison.left, ...growth.left],
  };
}

function installedProviders(): ProviderKind[] {
  const plugins = join(process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
  const { version } = require("@pulumi/kubernetes/package.json") as { version: string };
  return existsSync(join(plugins, `resource-kubernetes-v${version}`)) ? ["builtin", "official"] : ["builtin"];
}

function machineNow(): Machine {
  return {
    processors: cpus().length,
    model: cpus()[0]?.model.trim() ?? "unknown",
    memoryGibibytes: totalmem() / 2 ** 30,
    node: process.versions.node,
    system: `${type()} ${release()}`,
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] as number,
  };
}
