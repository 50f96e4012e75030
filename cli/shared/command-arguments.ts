import { type ParseArgsConfig, parseArgs } from "node:util";
import { UserError } from "../../sandbox/user-error";

/**
 * Understands the arguments of a command as Node's `parseArgs` does.
 * @param help the command's own, shown below the reason
 * @throws UserError for unknown options, missing values and words that the command does not take
 */
export function parseArguments<const Config extends ParseArgsConfig>(
  config: Config,
  help: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // Node goes on with advice about odd file names.
    const [reason] = (error as Error).message.split(". ");
    throw misuse(`${reason?.replace(/\.?$/, ".")}`, help);
  }
}

/** What the user gave cannot be understood: the reason, then how the command is used. */
export function misuse(reason: string, help: string): UserError {
  return new UserError(`${reason}\n\n${help.trimEnd()}`);
}
