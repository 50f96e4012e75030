import { createInterface } from "node:readline/promises";
import type { Operation, RunOptions, RunResult } from "../../sandbox/engine/run";
import { RunFailed, runStack } from "../../sandbox/engine/run";
import type { Target } from "../../sandbox/engine/target";
import { type ProgressSink, terminalProgress } from "../../sandbox/progress";
import { UserError } from "../../sandbox/user-error";
import { runJson, runReport } from "./change-summary";
import { chooseTarget, type StackChoice } from "./stack-options";

/** Exit code of a command that the user interrupted, as shells have it for Ctrl-C. */
const INTERRUPTED = 130;

export interface StackRun {
  readonly operation: Operation;
  readonly choice: StackChoice;
  readonly options: RunOptions;
  /** Do not ask before a real cluster is changed. @default false */
  readonly yes?: boolean;
  /** Show the value before and after of each changed property. @default false */
  readonly withValues?: boolean;
  /** Print the result as JSON instead of a report. @default false */
  readonly json?: boolean;
}

/** One operation on a stack from the command line: asks on a real cluster, shows the progress, prints the report. */
export async function runAndReport(run: StackRun): Promise<number> {
  const progress = terminalProgress();
  const target = await chooseTarget(run.choice, progress);
  await confirm(run, target, progress);
  return await reportFailure(async () => {
    const result = await execute(run, run.operation, target, progress);
    progress.done(`${run.operation} of stack ${run.choice.stack}`);
    const report = { planned: isPlan(run.operation), withValues: run.withValues ?? false };
    process.stdout.write(run.json === true ? runJson(result) : runReport(result, report));
  });
}

/** Runs something that may end in a failed run; prints what it did until then, and turns Ctrl-C into its exit code. */
export async function reportFailure(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof RunFailed)) throw error;
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K"); // the live line of the step that did not end
    process.stdout.write(runReport(error.result, { planned: false, withValues: false }));
    if (!error.interrupted) throw error;
    process.stderr.write(`${error.message}\n`);
    return INTERRUPTED;
  }
}

function isPlan(operation: Operation): boolean {
  return operation === "preview";
}

async function execute(
  run: StackRun,
  operation: Operation,
  target: Target,
  progress: ProgressSink,
): Promise<RunResult> {
  const { stack, providers } = run.choice;
  return await runStack({ operation, stack, target, providers, progress, options: run.options });
}

/**
 * Shows what is going to happen to a real cluster and waits for the user's word.
 * @throws UserError when the user does not agree, or cannot be asked
 */
export async function confirm(run: StackRun, target: Target, progress: ProgressSink): Promise<void> {
  const changing = run.operation === "up" || run.operation === "destroy";
  if (!changing || target.kind === "sandbox" || run.yes === true) return;
  if (!process.stdin.isTTY) {
    throw new UserError(
      `Nobody can be asked here. Add --yes to ${run.operation} without a question. Nothing has been touched.`,
    );
  }
  if (run.operation === "up") {
    const { expectNoChanges: _, ...options } = run.options;
    const planned = await execute({ ...run, options }, "preview", target, progress);
    progress.done(`preview of stack ${run.choice.stack}`);
    process.stdout.write(runReport(planned, { planned: true, withValues: true }));
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const what = run.operation === "up" ? "Make these changes to" : "DELETE everything of stack";
  const answer = await terminal.question(
    `${what} ${run.choice.stack} on ${target.context} (${target.server})? Type the name of the stack to go on: `,
  );
  terminal.close();
  if (answer.trim() !== run.choice.stack) throw new UserError("Not confirmed. Nothing has been touched.");
}
