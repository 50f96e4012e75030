import { clusterStatus } from "../sandbox/cluster";
import { connect } from "../sandbox/engine/cluster-client";
import { stackRecord } from "../sandbox/engine/stack-record";
import type { Target } from "../sandbox/engine/target";
import { terminalProgress } from "../sandbox/progress";
import { UserError } from "../sandbox/user-error";
import { platformTroubles, type Trouble } from "./shared/platform-health";
import { overviewTable, platformObjects, systemRows, urlsOf } from "./shared/platform-overview";
import { chooseStateTarget, readArguments, type StackChoice, stackOptionsHelp } from "./shared/stack-options";
import { table } from "./shared/table";

const HELP = `Usage: npm run status -- [options]

Shows what of a stack runs where, and what is not ready, with the reason. Looks, and changes nothing.
Ends with 0 when everything is ready, otherwise with 1. On the embedded cluster it tells as well whether the pods of a
system run in containers (real) or are simulated.

Options
${stackOptionsHelp}`;

/** @returns the exit code: 0 when everything is ready */
export async function status(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, []);
  if (read === undefined) return 0;
  const { stack, providers } = read.choice;
  const target = await runningTarget(read.choice);
  const cluster = await connect(target);
  await cluster.checkReachable();
  const { outputs, types } = await stackRecord({ stack, providers, target, progress: terminalProgress() });
  const [objects, pods, claims, events] = await Promise.all([
    platformObjects(cluster, types),
    ...["Pod", "PersistentVolumeClaim", "Event"].map((kind) => cluster.list("v1", kind, "")),
  ]);
  const rows = systemRows(objects, urlsOf(outputs), target.kind === "sandbox" ? pods : undefined);
  const troubles = platformTroubles(objects, pods ?? [], { claims: claims ?? [], events: events ?? [] });
  const isWell = troubles.length === 0 && rows.every(({ ready, workloads }) => ready === workloads);
  process.stdout.write(`${overviewTable(rows)}\n${isWell ? "Everything is ready.\n" : troubleReport(troubles)}`);
  return isWell ? 0 : 1;
}

/** The embedded cluster is not started for this: somebody wants to know how it is. */
async function runningTarget(choice: StackChoice): Promise<Target> {
  const target = chooseStateTarget(choice);
  if (target.kind === "sandbox" && (await clusterStatus()).state !== "running") {
    throw new UserError("The embedded cluster does not run. Start it with `npm start`, or name a cluster of your own.");
  }
  return target;
}

/** What is not ready, as text. */
export function troubleReport(troubles: readonly Trouble[]): string {
  return troubles.length === 0
    ? "Not everything is ready yet, and Kubernetes reports no problem. Look again in a minute.\n"
    : table([
        ["NOT READY", "NAMESPACE", "WHY"],
        ...troubles.map(({ system, namespace, problem }) => [system, namespace, problem.replaceAll(/\s+/g, " ")]),
      ]);
}
