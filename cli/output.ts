import { stackOutputs } from "../sandbox/engine/run";
import { terminalProgress } from "../sandbox/progress";
import { UserError } from "../sandbox/user-error";
import { chooseStateTarget, readArguments, stackOptionsHelp } from "./shared/stack-options";

const HELP = `Usage: npm run output -- [NAME] [options]

Prints the outputs of a stack as JSON, or a single one as it is. NAME may lead into an output: credentials.rabbitmq

Options
  --show-secrets       print secret values; without it they are [secret]
${stackOptionsHelp}`;

export async function output(args: string[]): Promise<number> {
  const read = readArguments(args, HELP, ["show-secrets"], 1);
  if (read === undefined) return 0;
  const target = chooseStateTarget(read.choice);
  const { stack, providers } = read.choice;
  const outputs = await stackOutputs({ stack, providers, target, progress: terminalProgress() });
  const shown = Object.fromEntries(
    Object.entries(outputs).map(([name, { value, secret }]) => [
      name,
      secret && read.values["show-secrets"] !== true ? "[secret]" : (value as unknown),
    ]),
  );
  const [name] = read.words;
  const value = name === undefined ? shown : pick(shown, name);
  process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value, null, 2)}\n`);
  return 0;
}

/** The value at a path such as `credentials.rabbitmq.password`. A secret output is not looked into. */
export function pick(outputs: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = outputs;
  for (const key of path.split(".")) {
    if (value === "[secret]") return value;
    const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
    if (!keys.includes(key)) {
      const known = keys.length === 0 ? "There is nothing below it." : `There is: ${keys.sort().join(", ")}.`;
      throw new UserError(`The stack has no output ${path}: "${key}" does not exist. ${known}`);
    }
    value = Reflect.get(value as object, key);
  }
  return value;
}
