import { misuse } from "./shared/command-arguments";
import { readArguments, recoverOptionHelp, stackOptionsHelp } from "./shared/stack-options";
import { runAndReport } from "./shared/stack-run";

const HELP = `Usage: npm run import -- TYPE NAME ID [options]

Takes one existing object into the state of a stack, so that the program owns it from then on and does not fail because
it exists already. The object is not changed; the next preview shows what the program wants different. On a real cluster
it asks, because the state is written.

  TYPE   type token, for example kubernetes:core/v1:Namespace
  NAME   name of the resource in the program (the last part of its URN, as \`preview -- --json\` shows it)
  ID     namespace/name of the object, or its name if it has no namespace

Options
  -y, --yes            do not ask
${recoverOptionHelp}${stackOptionsHelp}`;

/** Not called `import`, which is a keyword; the launcher takes the default export then. */
export default async function importObject(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, ["yes", "recover"], 3);
  if (read === undefined) return 0;
  const { choice, values, words } = read;
  const [type, name, id] = words;
  if (type === undefined || name === undefined || id === undefined) {
    throw misuse("TYPE, NAME and ID are needed.", HELP);
  }
  return await runAndReport({
    operation: "import",
    choice,
    options: {
      ...(values.recover !== undefined && { recover: values.recover }),
      import: { type, name, id },
    },
    yes: values.yes ?? false,
  });
}
