import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

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
  /** Let the state repeat as little as possible, see `kubernetes/compact-state.ts`. @default false */
  readonly compactState?: boolean;
}

/**
 * Starts the builtin `kubernetes`, `random` and `tls` providers in a process of their own and resolves when all three
 * accept connections. The process ends with its parent, and it ignores the terminal's Ctrl-C.
 *
 * @throws when the process ends or stays silent before it is ready, with what it wrote to its error output
 */
export async function startProviders(options: ProviderOptions = {}): Promise<RunningProviders> {
  const args = ["sandbox/providers/main", JSON.stringify(options)];
  const child = fork(join(__dirname, "../../loader/run.js"), args, {
    execArgv: [], // not what the caller itself needs to understand TypeScript
    stdio: ["ignore", "ignore", "pipe", "ipc"],
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
