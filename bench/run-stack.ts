import type { ProviderKind } from "../sandbox/engine/providers";
import { type Operation, runStack } from "../sandbox/engine/run";
import type { Target } from "../sandbox/engine/target";
import { silentProgress } from "../sandbox/progress";
import { copiesProgram } from "./copies-program";

/** What {@link main} is told, as JSON in its only argument. */
export interface StackRun {
  readonly operation: Operation;
  readonly stack: string;
  readonly target: Target;
  readonly repository: string;
  readonly sandboxFolder: string;
  readonly providers: ProviderKind;
  /** Run the objects of the stack so many times instead of the program. */
  readonly copies?: number;
}

/** One operation in a process of its own, which is what is measured. */
async function main({ copies, ...run }: StackRun): Promise<void> {
  const program = copies === undefined ? undefined : await copiesProgram(run.stack, copies);
  await runStack({ ...run, progress: silentProgress, ...(program !== undefined && { program }) });
}

main(JSON.parse(process.argv[2] ?? "{}") as StackRun).then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
