import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { JournalTarget } from "./journal";

/** How long the process may take until its ports answer, in milliseconds. One that ends is noticed at once. */
const startTimeout = 120_000;

export interface RunningProviders {
  /** What the engine's environment needs in order to use these providers instead of plugins. */
  readonly environment: { PULUMI_DEBUG_PROVIDERS: string };
  readonly pid: number;
  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ProviderOptions {
  /** Where failed operations are written with their stack. @default nowhere */
  readonly logFile?: string;
  /** The cluster is the embedded one: its state repeats as little as possible, and requests to it are not held back. @default false */
  readonly embedded?: boolean;
  /** Where every change is noted before and after it is made. @default nowhere */
  readonly journal?: JournalTarget;
}

/** What the process is given as its argument; the journal's key is not for everybody who lists processes. */
export interface ProcessOptions extends Omit<ProviderOptions, "journal"> {
  readonly journalFile?: string;
}

/** The environment variable with the journal's key. */
export const journalKeyVariable = "PLATFORM_JOURNAL_KEY";

/**
 * Starts the builtin `kubernetes`, `random` and `tls` providers in a process of their own and resolves when all three
 * accept connections. The process ends with its parent, and it ignores the terminal's Ctrl-C.
 *
 * @throws when the process ends or stays silent before it is ready, with what it wrote to its error output
 */
export async function startProviders(options: ProviderOptions = {}): Promise<RunningProviders> {
  const { journal, ...others } = options;
  const given: ProcessOptions = { ...others, ...(journal && { journalFile: journal.file }) };
  const args = ["sandbox/providers/main", JSON.stringify(given)];
  const child = fork(join(__dirname, "../../loader/run.js"), args, {
    execArgv: [], // not what the caller itself needs to understand TypeScript
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, ...(journal && { [journalKeyVariable]: journal.key }) },
  });
  const addresses = await readyMessage(child);
  // A caller that forgets to stop the process can still end, and takes it along.
  child.unref();
  child.channel?.unref();
  return {
    environment: { PULUMI_DEBUG_PROVIDERS: addresses },
    pid: child.pid as number,
    stop: () => stop(child),
  };
}

async function readyMessage(child: ChildProcess): Promise<string> {
  let errorOutput = "";
  const collect = (chunk: Buffer) => {
    errorOutput += chunk.toString();
  };
  child.stderr?.on("data", collect);
  return await new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      child.kill("SIGKILL");
      reject(new Error(`The builtin providers did not start: ${reason}.\n${errorOutput}`.trimEnd()));
    };
    const timer = setTimeout(() => fail(`no answer within ${startTimeout / 1000} s`), startTimeout);
    child.once("message", (message) => {
      clearTimeout(timer);
      // From now on nobody turns it into an error of its own: a crash, or a log that cannot be written, is shown.
      child.stderr?.off("data", collect).on("data", (chunk: Buffer) => process.stderr.write(chunk));
      resolve(String(message));
    });
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`the process ended with ${signal ?? `exit code ${code}`}`));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.ref();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
