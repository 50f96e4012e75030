import type { KubernetesObject } from "@kubernetes/client-node";
import type { OutputMap } from "@pulumi/pulumi/automation";
import { connect } from "../sandbox/engine/cluster-client";
import type { RunResult } from "../sandbox/engine/run";
import type { Target } from "../sandbox/engine/target";
import { type ProgressSink, terminalProgress } from "../sandbox/progress";
import { changedCount, countsLine } from "./shared/change-summary";
import type { StackRun } from "./shared/confirmation";
import { nextSteps } from "./shared/next-steps";
import { nodeOptionHelp } from "./shared/node-option";
import { overviewTable, platformObjects, type SystemRow, systemRows, urlsOf } from "./shared/platform-overview";
import { chooseTarget, readArguments, recoverOptionHelp, runOptions, stackOptionsHelp } from "./shared/stack-options";
import { confirmAndRun, reportFailure } from "./shared/stack-run";

const HELP = `Usage: npm start -- [options]

Brings the platform up and shows what runs where. Without options it needs nothing but this checkout: it gets the tools
it needs, starts the embedded Kubernetes cluster and deploys the stack dev there. Run it again at any time: it changes
only what differs.

Options
  -y, --yes            do not ask before a real cluster is changed
${recoverOptionHelp}${nodeOptionHelp}${stackOptionsHelp}`;

export async function start(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, ["yes", "recover", "node", "images"]);
  if (read === undefined) return 0;
  const { choice, values } = read;
  const run: StackRun = { operation: "up", choice, options: runOptions(values), yes: values.yes ?? false };
  return await reportFailure(() => bringUp(run));
}

async function bringUp(run: StackRun): Promise<void> {
  const { stack } = run.choice;
  const progress = terminalProgress();
  const target = await chooseTarget(run.choice, progress);
  progress.done(`cluster ${target.context}: ${target.server}`);
  const result = await confirmAndRun(run, target, progress);
  const changed = changedCount(result.counts) === 0 ? "0 changes" : countsLine(result.counts, false);
  progress.done(`stack ${stack} is up: ${result.changes.length} resources, ${changed}`);
  for (const warning of result.warnings) progress.warn(warning);
  const rows = await platformRows(target, result, progress);
  const steps = nextSteps({ stack, target, credentials: systemsWithLogin(result.outputs) });
  process.stdout.write(rows === undefined ? `\n${steps}` : `\n${overviewTable(rows)}\n${steps}`);
}

/** Undefined, with a warning, when the cluster does not answer: the platform is up nevertheless. */
async function platformRows(
  target: Target,
  result: RunResult,
  progress: ProgressSink,
): Promise<SystemRow[] | undefined> {
  const types = result.changes.map(({ type }) => type);
  let objects: KubernetesObject[];
  let pods: KubernetesObject[] | undefined;
  try {
    const cluster = await connect(target);
    objects = await platformObjects(cluster, types);
    pods = target.kind === "sandbox" ? await cluster.list("v1", "Pod", "") : undefined;
  } catch (error) {
    const [reason] = (error as Error).message.split("\n"); // the client goes on with the whole answer
    progress.warn(`what runs where cannot be shown, because the cluster refused to list its objects: ${reason}`);
    return undefined;
  }
  return systemRows(objects, urlsOf(result.outputs), pods);
}

function systemsWithLogin(outputs: OutputMap): string[] {
  const credentials: unknown = outputs["credentials"]?.value;
  return typeof credentials === "object" && credentials !== null ? Object.keys(credentials).sort() : [];
}
