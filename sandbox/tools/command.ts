import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface CommandOptions {
  /** @default the directory of this process */
  readonly directory?: string;
  /** @default the environment of this process */
  readonly environment?: NodeJS.ProcessEnv;
  /** Written to the program's standard input. @default nothing */
  readonly input?: string;
  /** The program is killed after this time. @default none */
  readonly timeoutMilliseconds?: number;
  /** The program is killed when this is aborted. */
  readonly signal?: AbortSignal;
  /** Called with each line of both output streams as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** Exit code, or null when a signal (of the time-out, too) ended the program. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Runs a program to its end. It never outlives this process: Ctrl-C, a termination signal and an exit end it too. */
export async function runCommand(
  program: string,
  programArguments: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(program, programArguments, {
    cwd: options.directory,
    env: options.environment ?? process.env,
    stdio: ["pipe", "pipe", "pipe"],
    // A process group of its own, so that what the program has started (go: compilers, linkers) ends with it.
    detached: true,
  });
  const kill = () => {
    signalGroup(child, "SIGKILL");
    // What has left the group (a daemon) may hold the other ends open: nobody waits for that.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  options.signal?.addEventListener("abort", kill);
  const forget = endWithThisProcess(child);
  let timedOut = false;
  const timer =
    options.timeoutMilliseconds === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          kill();
        }, options.timeoutMilliseconds);
  const stdout: string[] = [];
  const stderr: string[] = [];
  const collect = (stream: NodeJS.ReadableStream, lines: string[]) =>
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      options.onLine?.(line);
    });
  collect(child.stdout, stdout);
  collect(child.stderr, stderr);
  // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
  child.stdin.on("error", () => undefined).end(options.input ?? "");
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    return { code, stdout: stdout.join("\n"), stderr: stderr.join("\n"), timedOut };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", kill);
    forget();
  }
}

const living = new Set<ChildProcess>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function endWithThisProcess(child: ChildProcess): () => void {
  if (living.size === 0) {
    for (const signal of signals) process.on(signal, passOn);
    process.on("exit", killAll);
  }
  living.add(child);
  return () => {
    if (living.delete(child) && living.size === 0) stopListening();
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return; // it could not be started
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // ESRCH: it has just ended
  }
}

function stopListening(): void {
  for (const signal of signals) process.off(signal, passOn);
  process.off("exit", killAll);
}

function killAll(): void {
  for (const child of living) signalGroup(child, "SIGKILL");
}

function passOn(signal: NodeJS.Signals): void {
  for (const child of living) signalGroup(child, signal);
  // Our listener switched off Node's default, which is to end. Others who listen decide for themselves.
  if (process.listenerCount(signal) === 1) {
    stopListening();
    process.kill(process.pid, signal);
  }
}
