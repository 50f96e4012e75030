import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UserError } from "../sandbox/user-error";
import { settingsReference } from "../stacks/settings/reference";

const usage = `Prints the reference of all settings.

  npm run settings                 print it
  npm run settings -- --write      write it to docs/settings.md
`;

/** `npm run settings`: the reference of all settings, made from their schema. */
export async function settings(args: string[]): Promise<number> {
  const { write, help } = options(args);
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  const reference = settingsReference();
  if (write) {
    writeFileSync(join(__dirname, "..", "docs", "settings.md"), reference);
    process.stdout.write("Wrote docs/settings.md.\n");
    return 0;
  }
  process.stdout.write(reference);
  return 0;
}

function options(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        write: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}
