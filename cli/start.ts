import type { OutputMap } from "@pulumi/pulumi/automation";
import { connect } from "../sandbox/engine/cluster-client";
import { type RunResult, runStack } from "../sandbox/engine/run";
import type { Target } from "../sandbox/engine/target";
import { type ProgressSink, terminalProgress } from "../sandbox/progress";
import { changedCount, countsLine } from "./shared/change-summary";
import { nextSteps } from "./shared/next-steps";
import { platformObjects, type SystemRow, systemRows } from "./shared/platform-overview";
import { chooseTarget, readArguments, runOptions, stackOptionsHelp } from "./shared/stack-options";
import { confirm, reportFailure, type StackRun } from "./shared/stack-run";
import { table } from "./shared/table";

const HELP = `Usage: npm start -- [options]

Brings the platform up and shows what runs where. Without options it needs nothing but this checkout: it gets the tools
it needs, starts the embedded Kubernetes cluster and deploys the stack dev there. Run it again at any time: it changes
only what differs.

Options
  -y, --yes            do not ask before a real cluster is changed
${stackOptionsHelp}`;

export async function start(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, ["yes", "recover"]);
  if (read === undefined) return 0;
  const { choice, values } = read;
  const progress = terminalProgress();
  const target = await chooseTarget(choice, progress);
  progress.done(`cluster ${target.context}: ${target.server}`);
  const run: StackRun = { operation: "up", choice, options: runOptions(values), yes: values.yes ?? false };
  await confirm(run, target, progress);
  return await reportFailure(() => bringUp(run, target, progress));
}

async function bringUp(run: StackRun, target: Target, progress: ProgressSink): Promise<void> {
  const { stack, providers } = run.choice;
  const result = await runStack({ operation: "up", stack, target, providers, progress, options: run.options });
  const changed = changedCount(result.counts) === 0 ? "0 changes" : countsLine(result.counts, false);
  progress.done(`stack ${stack} is up: ${result.changes.length} resources, ${changed}`);
  for (const warning of result.warnings) progress.warn(warning);
  const rows = await platformRows(target, result);
  const steps = nextSteps({ stack, target, credentials: systemsWithLogin(result.outputs) });
  process.stdout.write(`\n${overviewTable(rows)}\n${steps}`);
}

async function platformRows(target: Target, result: RunResult): Promise<SystemRow[]> {
  const types = result.changes.map(({ type }) => type);
  return systemRows(await platformObjects(await connect(target), types), urlsOf(result.outputs));
}

/** What runs where, as text. */
export function overviewTable(rows: readonly SystemRow[]): string {
  return table([
    ["SYSTEM", "NAMESPACE", "OBJECTS", "READY", "URL"],
    ...rows.map(({ system, namespaces, objects, ready, workloads, url }) => [
      system,
      namespaces.join(",") || "-",
      String(objects),
      workloads === 0 ? "-" : `${ready}/${workloads} workloads`,
      url ?? "-",
    ]),
  ]);
}

function urlsOf(outputs: OutputMap): Record<string, string> {
  const urls: unknown = outputs["urls"]?.value;
  if (typeof urls !== "object" || urls === null) return {};
  return Object.fromEntries(Object.entries(urls).filter((entry) => typeof entry[1] === "string"));
}

function systemsWithLogin(outputs: OutputMap): string[] {
  const credentials: unknown = outputs["credentials"]?.value;
  return typeof credentials === "object" && credentials !== null ? Object.keys(credentials).sort() : [];
}
