import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What a command and everything that it started took. */
export interface Cost {
  readonly wallSeconds: number;
  /** User and system time of the command and of all processes that it waited for. */
  readonly cpuSeconds: number;
  /** Of the command and its descendants together, sampled; undefined where the system does not tell (macOS). */
  readonly peakMebibytes: number | undefined;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Exit codes that are no failure. @default only 0 */
  readonly accepts?: readonly number[];
}

const SAMPLE_MILLISECONDS = 100;

/**
 * Runs a command to its end and measures it. Its output is thrown away.
 * @param interrupted ends the command and everything that it started at once
 * @throws when it is interrupted, or ends with another exit code than the accepted ones, with the end of its error output
 */
export async function measure(command: Command, interrupted?: AbortSignal): Promise<Cost> {
  interrupted?.throwIfAborted();
  const began = performance.now();
  // The shell tells in the end what its children took; Node does not. File descriptor 3 keeps that apart.
  const script = '"$@"; code=$?; times >&3; exit $code';
  const child = spawn("sh", ["-c", script, "sh", command.program, ...command.args], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: { ...process.env, ...command.environment },
    detached: true, // Ctrl-C is for the bench alone, which ends the command before the cluster is gone
  });
  const end = () => endWithDescendants(child.pid as number);
  interrupted?.addEventListener("abort", end);
  const [errors, times] = [collected(child.stdio[2]), collected(child.stdio[3])];
  const peak = new PeakMemory(child.pid as number);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const wallSeconds = (performance.now() - began) / 1000;
  const peakMebibytes = peak.stop();
  interrupted?.removeEventListener("abort", end);
  interrupted?.throwIfAborted();
  if (!(command.accepts ?? [0]).includes(code ?? -1)) {
    const words = [command.program, ...command.args].join(" ");
    throw new Error(`\`${words}\` ended with ${code}:\n${errors().split("\n").slice(-15).join("\n")}`);
  }
  return { wallSeconds, cpuSeconds: childrenSeconds(times()), peakMebibytes };
}

function collected(stream: unknown): () => string {
  let text = "";
  (stream as NodeJS.ReadableStream).setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

/** Reads what the shell's `times` prints: `0m0.01s 0m0.00s` of itself, then the same of its children. */
export function childrenSeconds(text: string): number {
  const [, children = ""] = text.trim().split("\n");
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (parts.length !== 2) throw new Error(`The shell's \`times\` printed something unexpected: ${text}`);
  return parts.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}

class PeakMemory {
  private peak: number | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.timer = setInterval(() => this.sample(), SAMPLE_MILLISECONDS);
  }

  stop(): number | undefined {
    clearInterval(this.timer);
    return this.peak;
  }

  private sample(): void {
    const now = residentMebibytes(this.pid);
    if (now !== undefined) this.peak = Math.max(this.peak ?? 0, now);
  }
}

/** Memory of a process and its descendants, from Linux' /proc. */
function residentMebibytes(pid: number): number | undefined {
  try {
    const [, kibibytes = "0"] = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return childrenOf(pid).reduce((sum, child) => sum + (residentMebibytes(child) ?? 0), Number(kibibytes) / 1024);
  } catch {
    return undefined; // it has just ended, or this is no Linux
  }
}

/** @throws where there is no such process, or no /proc */
function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
}

/** The group alone would leave out what has made a group of its own, as the engine does. */
function endWithDescendants(pid: number): void {
  const family = descendantsOf(pid);
  for (const each of [-pid, ...family]) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

function descendantsOf(pid: number): number[] {
  try {
    return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return [];
  }
}
