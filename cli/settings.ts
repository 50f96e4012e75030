import { settingsReference } from "../stacks/settings/reference";
import { parseArguments } from "./shared/command-arguments";

const HELP = `npm run -s settings

Prints the reference of all settings: type, default, what is allowed and what it means. It is also in docs/settings.md.
`;

/** `npm run settings`: the reference of all settings, made from their schema. */
export async function settings(args: string[]): Promise<number> {
  const { values } = parseArguments({ args, options: { help: { type: "boolean", short: "h" } } }, HELP);
  process.stdout.write(values.help ? HELP : settingsReference());
  return 0;
}
