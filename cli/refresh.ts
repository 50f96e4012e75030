import { readArguments, recoverOptionHelp, runOptions, stackOptionsHelp } from "./shared/stack-options";
import { runAndReport } from "./shared/stack-run";

const HELP = `Usage: npm run refresh -- [options]

Reads the real objects into the state of a stack, so that the next preview shows what somebody else changed.

On a real cluster it asks, because the state is written.

Options
  -y, --yes            do not ask
  --expect-no-changes  fail if something differs (exit code 1)
  --target URN         only this resource; may be given several times
  --parallel N         how many operations at the same time (default: the engine's)
${recoverOptionHelp}${stackOptionsHelp}`;

export async function refresh(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, ["yes", "expect-no-changes", "target", "parallel", "recover"]);
  if (read === undefined) return 0;
  const { choice, values } = read;
  return await runAndReport({
    operation: "refresh",
    choice,
    options: runOptions(values),
    yes: values.yes ?? false,
    withValues: true,
  });
}
