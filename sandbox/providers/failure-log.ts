import { appendFileSync } from "node:fs";

/** Notes an error that an operation of a package ended with. Never throws. */
export type FailureLog = (packageName: string, operation: string, error: Error) => void;

/**
 * A log of failed operations with their stacks. The engine shows the message to the user; the log is for finding out
 * where it came from. A log that cannot be written (full disk, removed folder) must not cost the operation its answer:
 * the first time that happens it is told, and the log goes on trying.
 * @param file appended to; undefined: nothing is kept
 * @param tell gets the line about a log that cannot be written
 */
export function failureLog(file: string | undefined, tell: (line: string) => void): FailureLog {
  let told = false;
  return (packageName, operation, error) => {
    if (file === undefined) return;
    try {
      appendFileSync(file, `${new Date().toISOString()} ${packageName} ${operation}: ${error.stack}\n`);
    } catch (cause) {
      if (told) return;
      told = true;
      const reason = cause instanceof Error ? cause.message : String(cause);
      tell(`The log of the builtin providers cannot be written, failures are missing in it: ${reason}\n`);
    }
  };
}
