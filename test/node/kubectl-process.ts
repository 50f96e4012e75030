import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { silentProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools";
import type { RealPlatform } from "./real-platform";

/** A kubectl that runs until it is ended, or its work is. */
export class KubectlProcess {
  private errors = "";
  private readonly closed: Promise<unknown>;

  private constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    this.closed = once(child, "close");
    child.stderr.on("data", (text: Buffer) => {
      this.errors += text.toString();
    });
  }

  /** @param onLine gets each line of its output as soon as it is complete */
  static async start(platform: RealPlatform, words: readonly string[], onLine: (line: string) => void) {
    const { kubectl } = await ensureTools(["kubectl"], silentProgress);
    const child = spawn(kubectl, ["--kubeconfig", platform.cluster.kubeconfig, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: child.stdout }).on("line", onLine);
    return new KubectlProcess(child);
  }

  /** Waits until it ends by itself. Gives what it wrote to its standard error. */
  async ended(): Promise<string> {
    await this.closed;
    return this.errors;
  }

  async end(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.closed;
  }
}
