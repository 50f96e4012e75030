import { nodeOptionHelp } from "./shared/node-option";
import { readArguments, recoverOptionHelp, runOptions, stackOptionsHelp } from "./shared/stack-options";
import { runAndReport } from "./shared/stack-run";

const HELP = `Usage: npm run preview -- [options]

Shows what \`up\` would change, with the value before and after of each changed property. Changes nothing.

Options
  --expect-no-changes  fail if something would change (exit code 1)
  --refresh            compare with the real objects instead of the recorded ones
  --target URN         only this resource; may be given several times
  --replace URN        as if this resource had to be replaced; may be given several times
  --json               print the changes as JSON, for other programs
${recoverOptionHelp}  -y, --yes            do not ask before --recover repairs the state of a real cluster
${nodeOptionHelp}${stackOptionsHelp}`;

export async function preview(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, [
    "expect-no-changes",
    "refresh",
    "target",
    "replace",
    "json",
    "recover",
    "yes",
    "node",
    "images",
  ]);
  if (read === undefined) return 0;
  const { choice, values } = read;
  return await runAndReport({
    operation: "preview",
    choice,
    options: runOptions(values),
    yes: values.yes ?? false,
    json: values.json ?? false,
    withValues: true,
  });
}
