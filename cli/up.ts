import { nodeOptionHelp } from "./shared/node-option";
import { readArguments, recoverOptionHelp, runOptions, stackOptionsHelp } from "./shared/stack-options";
import { runAndReport } from "./shared/stack-run";

const HELP = `Usage: npm run up -- [options]

Creates or updates the objects of a stack. On a real cluster it first shows the changes and asks.

Options
  -y, --yes            do not ask
  --expect-no-changes  fail if something was changed (exit code 1)
  --refresh            compare with the real objects instead of the recorded ones
  --target URN         only this resource; may be given several times
  --replace URN        replace this resource; may be given several times
  --parallel N         how many operations at the same time (default: the engine's)
  --diff               report the value before and after of each changed property
${recoverOptionHelp}${nodeOptionHelp}${stackOptionsHelp}`;

export async function up(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, [
    "yes",
    "expect-no-changes",
    "refresh",
    "target",
    "replace",
    "parallel",
    "diff",
    "recover",
    "node",
    "images",
  ]);
  if (read === undefined) return 0;
  const { choice, values } = read;
  return await runAndReport({
    operation: "up",
    choice,
    options: runOptions(values),
    yes: values.yes ?? false,
    withValues: values.diff ?? false,
  });
}
