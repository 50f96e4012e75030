import { ResourceError, RunError } from "@pulumi/pulumi";

/**
 * Runs the program so that whatever goes wrong in it is told to people: an expected error by its message alone, a defect
 * with its stack and the word that it is one. That goes for Outputs as well, whose functions run after the program has returned.
 */
export async function withReadableFailures<Result>(program: () => Promise<Result>): Promise<Result> {
  // Before the host's own listener, which prints the error. An Output's failure reaches nobody else.
  process.off("unhandledRejection", makeReadable).prependListener("unhandledRejection", makeReadable);
  try {
    return await program();
  } catch (error) {
    throw readable(error);
  }
}

function makeReadable(reason: unknown): void {
  const error = readable(reason);
  // As without any listener: the process ends.
  if (process.listenerCount("unhandledRejection") === 1) throw error;
}

/** The same error, changed: others have hold of it, and a host prints each error once. */
export function readable(error: unknown): unknown {
  if (!(error instanceof Error) || isAnswerOfEngine(error) || seen.has(error)) return error;
  const text = isForUsers(error) ? error.message : describeDefect(error);
  seen.add(error);
  // Pulumi prints a RunError by its message. Before that it has the error formatted with its stack, and Node 20 takes
  // most of a minute and 3 GB for frames as source maps make them (`node_modules/@pulumi/resource.ts`).
  return Object.assign(error, { message: text, stack: text, __pulumiRunError: true });
}

const seen = new WeakSet<Error>();

/** What the engine answers to a registration is its own to tell; the user reads it at the resource. */
function isAnswerOfEngine(error: Error): boolean {
  return "code" in error && typeof error.code === "number" && "details" in error;
}

function isForUsers(error: Error): boolean {
  if (ResourceError.isInstance(error)) return error.hideStack === true;
  return error.name === "UserError" || RunError.isInstance(error);
}

function describeDefect(error: Error): string {
  const stack = error.stack?.includes(error.message) ? error.stack : `${error}\n${error.stack ?? ""}`;
  return `${stack.trimEnd()}\n\nThis is a defect of the program, not of your settings. Please report it with the lines above.`;
}
