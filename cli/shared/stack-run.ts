import type { Operation, RunResult } from "../../sandbox/engine/run";
import { RunFailed, runStack } from "../../sandbox/engine/run";
import type { Target } from "../../sandbox/engine/target";
import { type ProgressSink, terminalProgress } from "../../sandbox/progress";
import { runJson, runReport } from "./change-summary";
import { confirm, type StackRun } from "./confirmation";
import { chooseTarget } from "./stack-options";
import { type Asker, QuestionLeft, terminalAsker } from "./terminal-question";

/** Exit code of a command that the user interrupted, as shells have it for Ctrl-C. */
const INTERRUPTED = 130;

/** What is shown of a run. */
export interface Report {
  /** Show the value before and after of each changed property. @default false */
  readonly withValues?: boolean;
  /** Print the result as JSON instead of a report. @default false */
  readonly json?: boolean;
}

/** One operation on a stack from the command line: asks on a real cluster, shows the progress, prints the report. */
export async function runAndReport(run: StackRun & Report, asker: Asker = terminalAsker): Promise<number> {
  return await reportFailure(async () => {
    const progress = terminalProgress();
    const target = await chooseTarget(run.choice, progress);
    const result = await confirmAndRun(run, target, progress, asker);
    progress.done(`${run.operation} of stack ${run.choice.stack}`);
    const report = { planned: isPlan(run.operation), withValues: run.withValues ?? false };
    process.stdout.write(run.json === true ? runJson(result) : runReport(result, report));
  });
}

/**
 * Runs one operation, on a real cluster after the user's word.
 * @throws UserError when the user does not agree or cannot be asked, RunFailed when the run fails
 */
export async function confirmAndRun(
  run: StackRun,
  target: Target,
  progress: ProgressSink,
  asker: Asker = terminalAsker,
): Promise<RunResult> {
  const execute = (operation: Operation, options: StackRun["options"]) => {
    const { stack, providers } = run.choice;
    return runStack({ operation, stack, target, providers, progress, options });
  };
  const options = await confirm(run, target, asker, async (previewed) => {
    const planned = await execute("preview", previewed);
    progress.done(`preview of stack ${run.choice.stack}`);
    process.stdout.write(runReport(planned, { planned: true, withValues: true }));
  });
  return await execute(run.operation, options);
}

/** Runs something that may end in a failed run; prints what it did until then, and turns Ctrl-C into its exit code. */
export async function reportFailure(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (error instanceof QuestionLeft) {
      process.stderr.write(`\n${error.message}\n`);
      return INTERRUPTED;
    }
    if (!(error instanceof RunFailed)) throw error;
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K"); // the live line of the step that did not end
    process.stdout.write(runReport(error.result, { planned: isPlan(error.operation), withValues: false }));
    if (!error.interrupted) throw error;
    process.stderr.write(`${error.message}\n`);
    return INTERRUPTED;
  }
}

function isPlan(operation: Operation): boolean {
  return operation === "preview";
}
