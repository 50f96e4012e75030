import { misuse } from "./shared/command-arguments";
import { readArguments, recoverOptionHelp, stackOptionsHelp } from "./shared/stack-options";
import { runAndReport } from "./shared/stack-run";

const HELP = `Usage: npm run import -- TYPE NAME ID [TYPE NAME ID …] [options]

Takes existing objects into the state of a stack, so that the program owns them from then on and does not fail because
they exist already. The objects are not changed; the next preview shows what the program wants different. On a real
cluster it asks, because the state is written. An object that the state holds under another name is refused: a renamed
resource needs an alias, which the message gives.

  TYPE   type token, for example kubernetes:core/v1:Namespace
  NAME   name of the resource in the program (the last part of its URN, as \`preview -- --json\` shows it)
  ID     namespace/name of the object, or its name if it has no namespace

Options
  -y, --yes            do not ask
${recoverOptionHelp}${stackOptionsHelp}`;

/** Not called `import`, which is a keyword; the launcher takes the default export then. */
export default async function importObject(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, ["yes", "recover"], Number.POSITIVE_INFINITY);
  if (read === undefined) return 0;
  const { choice, values, words } = read;
  if (words.length === 0 || words.length % 3 !== 0) throw misuse("TYPE, NAME and ID are needed for each object.", HELP);
  const objects = words.flatMap((type, index) =>
    index % 3 === 0 ? [{ type, name: words[index + 1] ?? "", id: words[index + 2] ?? "" }] : [],
  );
  return await runAndReport({
    operation: "import",
    choice,
    options: {
      ...(values.recover !== undefined && { recover: values.recover }),
      import: objects,
    },
    yes: values.yes ?? false,
  });
}
