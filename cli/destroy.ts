import { readArguments, recoverOptionHelp, runOptions, stackOptionsHelp } from "./shared/stack-options";
import { runAndReport } from "./shared/stack-run";

const HELP = `Usage: npm run destroy -- [options]

Deletes the objects of a stack. Asks on a real cluster. It refuses while the stack holds protected objects: set
platform:lifecycle.protectData to false and run \`up\` first, see docs/real-cluster.md.

Options
  -y, --yes            do not ask
  --target URN         only this resource; may be given several times
  --refresh            read the real objects first
  --parallel N         how many operations at the same time (default: the engine's)
${recoverOptionHelp}${stackOptionsHelp}`;

export async function destroy(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, ["yes", "target", "refresh", "parallel", "recover"]);
  if (read === undefined) return 0;
  const { choice, values } = read;
  return await runAndReport({
    operation: "destroy",
    choice,
    options: runOptions(values),
    yes: values.yes ?? false,
  });
}
