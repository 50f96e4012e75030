import { spawn } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";

/** How a call of the `pulumi` program ended badly. The caller makes a readable error of it. */
export class PulumiCommandFailed extends Error {
  constructor(
    readonly args: readonly string[],
    readonly stdout: string,
    readonly stderr: string,
    /** The exit code, or the name of the signal that ended the process. */
    readonly code: number | string,
  ) {
    super(`pulumi ${args[0] ?? ""} failed (${code}): ${stderr.trim()}`);
  }

  /** What the program itself says about it, without its prefix. */
  get reason(): string {
    return this.stderr.replace(/^error: /gm, "").trim();
  }
}

interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Calls the `pulumi` program, and knows the processes of it that are running. */
export interface EngineProcess {
  /** For the Automation API. */
  readonly command: PulumiCommand;
  /**
   * @param folder working directory
   * @param input what it reads from its standard input
   * @throws PulumiCommandFailed when the exit code is not 0
   */
  run(args: string[], folder: string, input?: string): Promise<CommandOutput>;
  /** Sends a signal to the running engine; nothing happens when none runs. */
  signal(name: "SIGINT" | "SIGKILL"): void;
}

/**
 * The Automation API's own way to start `pulumi` keeps it in the terminal's process group, so that one Ctrl-C reaches it
 * two or three times (from the terminal, from npm and from us), and the second one already means "stop at once". Here
 * the engine gets a process group of its own and hears only what we tell it.
 * @param path the `pulumi` program
 * @param base environment variables of every call; read at each call; undefined: not passed on
 */
export async function engineProcess(
  path: string,
  base: Readonly<Record<string, string | undefined>>,
): Promise<EngineProcess> {
  // `PulumiCommand.get` finds the program and asks it for its version through PATH.
  const before = process.env["PATH"] ?? "";
  const first = `${dirname(path)}${delimiter}`;
  if (!before.startsWith(first)) process.env["PATH"] = `${first}${before}`;
  const running = new Set<number>();
  const signal = (name: "SIGINT" | "SIGKILL") => {
    for (const pid of running) signalGroup(pid, name);
  };

  async function run(
    args: string[],
    cwd: string,
    environment: Record<string, string> = {},
    onOutput?: (text: string) => void,
    onError?: (text: string) => void,
    input?: string,
  ): Promise<CommandOutput> {
    const all = args.includes("--non-interactive") ? args : [...args, "--non-interactive"];
    const child = spawn(path, all, {
      cwd,
      env: { ...process.env, ...base, ...environment, PULUMI_AUTOMATION_API: "true" },
      detached: true,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    // A program that ends without having read everything says so by its exit code.
    child.stdin?.on("error", () => {}).end(input);
    const pid = child.pid;
    if (pid !== undefined) running.add(pid);
    const endToo = () => signal("SIGINT");
    process.once("exit", endToo);
    const stdout: string[] = [];
    const stderr: string[] = [];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout.push(text);
      onOutput?.(text);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr.push(text);
      onError?.(text);
    });
    const code = await new Promise<number | string>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signalName) => resolve(exitCode ?? signalName ?? "unknown"));
    }).finally(() => {
      process.off("exit", endToo);
      if (pid !== undefined) running.delete(pid);
    });
    if (code !== 0) throw new PulumiCommandFailed(all, stdout.join(""), stderr.join(""), code);
    // The Automation API parses JSON out of it, as it comes without the last line break.
    return { stdout: stdout.join("").replace(/\n$/, ""), stderr: stderr.join(""), code };
  }

  return {
    command: Object.assign(await PulumiCommand.get(), { command: path, run }),
    run: (args, folder, input) => run(args, folder, {}, undefined, undefined, input),
    signal,
  };
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    // It has ended by itself, and we have not heard of it yet.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
