import { RunError } from "@pulumi/pulumi";
import { UserError } from "../user-error";
import { PulumiCommandFailed } from "./pulumi-command";
import type { Failure, RunRecord } from "./run-record";

export interface FailedRun {
  readonly operation: string;
  readonly stack: string;
  /** What the engine's call threw. */
  readonly error: unknown;
  readonly interrupted: boolean;
  readonly record: Pick<RunRecord, "failures">;
  /** What the program threw, if it did. */
  readonly programError: unknown;
  /** What to do about a failed resource, by its URN, where more is known than its messages say. */
  readonly advice?: ReadonlyMap<string, string>;
  /** What to do about a passphrase that does not fit. */
  readonly explainPassphrase?: (() => string) | undefined;
}

/**
 * The end of a failed run, for the user: each failed resource once, with its own messages.
 * @throws the error itself when it is neither the engine's nor the program's
 */
export function describeFailure(run: FailedRun): string {
  const what = `${run.operation} of stack ${run.stack}`;
  if (run.interrupted) {
    return [
      `${what} was interrupted. What was finished is in the state; run the same command again to continue.`,
      ...run.record.failures.filter(({ label }) => label !== undefined).map(failureText),
    ].join("\n\n");
  }
  if (isForUsers(run.programError)) return run.programError.message;
  if (!(run.error instanceof PulumiCommandFailed)) throw run.error;
  const failures = meaningful(run.record.failures).map((failure) => advised(failure, run.advice));
  const reason = run.error.reason;
  if (/the stack is currently locked by|Another update is currently in progress/.test(reason)) {
    return (
      `Another run is working on stack ${run.stack}. Wait until it has ended. If it was killed, add --recover, ` +
      `which removes its lock.\n\n${reason}`
    );
  }
  if (/incorrect passphrase/.test(reason) && run.explainPassphrase !== undefined) {
    return `${what} failed: incorrect passphrase. ${run.explainPassphrase()}`;
  }
  if (/no changes were expected/.test(reason)) {
    return `${what}: no changes were expected, but there are some (see above).`;
  }
  // Whatever goes wrong before the first resource (a wrong passphrase, for example) is only on the error output.
  if (failures.length === 0) return `${what} failed: ${reason === "" ? run.error.message : reason}`;
  const labelled = failures.filter(({ label }) => label !== undefined).length;
  const count = labelled === 0 ? "" : `: ${labelled} ${labelled === 1 ? "resource" : "resources"}`;
  return [`${what} failed${count}.`, ...failures.map(failureText)].join("\n\n");
}

function isForUsers(error: unknown): error is Error {
  return error instanceof UserError || RunError.isInstance(error);
}

/** Leaves out what tells nothing new: the engine's "update failed", and messages that another one contains. */
function meaningful(failures: readonly Failure[]): readonly Failure[] {
  const all = failures.flatMap(({ messages }) => messages);
  const isNews = (message: string) =>
    !/^(update|preview|refresh|destroy|resource operation) failed$/.test(message) &&
    !all.some((other) => other !== message && other.includes(message));
  return failures
    .map((failure) => ({ ...failure, messages: failure.messages.filter(isNews) }))
    .filter(({ messages }) => messages.length > 0);
}

function advised(failure: Failure, advice: ReadonlyMap<string, string> | undefined): Failure {
  const known = advice?.get(failure.urn ?? "");
  return known === undefined ? failure : { ...failure, messages: [...failure.messages, known] };
}

function failureText({ label, messages }: Failure): string {
  const lines = messages.flatMap((message) => message.replace(/^error: /, "").split("\n"));
  return [
    ...(label === undefined ? [] : [label]),
    ...lines.map((line) => (label === undefined ? line : `  ${line}`)),
  ].join("\n");
}
