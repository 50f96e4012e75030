import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, parseDocument } from "yaml";
import { runJson, runReport } from "../../cli/shared/change-summary";
import { clusterReset, clusterUp } from "../../sandbox/cluster";
import { type Operation, type RunOptions, type RunResult, runStack } from "../../sandbox/engine/run";
import type { Target } from "../../sandbox/engine/target";
import { silentProgress } from "../../sandbox/progress";
import { clusterObjects } from "./cluster-objects";
import { removeFolder } from "./cluster-support";

const ROOT = resolve(__dirname, "../..");

/** A Kubernetes object, as far as the tests look at it. */
export interface LiveObject {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** The real program on an embedded cluster of its own, with stack files that a test may edit. */
export class PlatformRun {
  private readonly printed: string[] = [];

  private constructor(
    /** Where the stack files are. */
    readonly repository: string,
    /** Where the cluster, the state and the logs are. */
    readonly sandbox: string,
    private readonly target: Target,
  ) {}

  static async start(): Promise<PlatformRun> {
    const folder = mkdtempSync(join(tmpdir(), "platform-run-"));
    const sandbox = join(folder, "sandbox");
    for (const file of readdirSync(ROOT).filter((each) => /^Pulumi\..*yaml$/.test(each))) {
      cpSync(join(ROOT, file), join(folder, file));
    }
    const { kubeconfig, context, server } = await clusterUp(silentProgress, { directory: sandbox });
    return new PlatformRun(folder, sandbox, { kind: "sandbox", kubeconfig, context, server });
  }

  async remove(): Promise<void> {
    await clusterReset({ directory: this.sandbox });
    removeFolder(this.repository);
  }

  async run(operation: Operation, stack: string, options: RunOptions = {}): Promise<RunResult> {
    const { repository, sandbox: sandboxFolder, target } = this;
    const print = (text: string) => this.printed.push(text);
    const result = await runStack({
      operation,
      stack,
      target,
      options,
      repository,
      sandboxFolder,
      providers: "builtin",
      progress: { step: print, done: print, warn: print },
      onEvent: (event) => {
        const severity: string | undefined = event.diagnosticEvent?.severity;
        if (severity !== "debug") print(JSON.stringify(event)); // those are for the engine's developers, and never shown
      },
    });
    print(runReport(result, { planned: operation === "preview", withValues: true }));
    print(runJson(result));
    return result;
  }

  /** A run that is expected to fail, in a process of its own. Gives what the user reads. */
  async failure(operation: Operation, stack: string): Promise<string> {
    const script = join(__dirname, "run-platform.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script, this.repository, operation, stack], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const chunks: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    const code = await new Promise((settle) => child.once("close", settle));
    const text = Buffer.concat(chunks).toString();
    this.printed.push(text);
    if (code === 0) {
      throw new Error(`${operation} of stack ${stack} was expected to fail, but succeeded: ${text}`);
    }
    return text;
  }

  /** Sets one value of a stack file, as `pulumi config set --path` does. */
  set(stack: string, path: readonly string[], value: unknown): void {
    const file = join(this.repository, `Pulumi.${stack}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    document.setIn(["config", ...path], value);
    writeFileSync(file, document.toString());
  }

  /** Switches systems off; Harbor's login at Keycloak goes with K-PaaS. */
  leaveOut(stack: string, systems: readonly string[]): void {
    for (const system of systems) {
      this.set(stack, [`platform:${system}`, "enabled"], false);
    }
    if (systems.includes("kpaas")) {
      this.set(stack, ["platform:harbor", "oidc", "enabled"], false);
    }
  }

  /** Everything that a run wrote down: state, its backups, logs, stack files. */
  writtenText(): string {
    return ["state", "work", "providers.log"]
      .flatMap((part) => files(join(this.sandbox, part)))
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
  }

  /** Everything that runs told: their progress, every event of the engine, their reports, the reasons of failures. */
  printedText(): string {
    return this.printed.join("\n");
  }

  /** Every object in the cluster, or those with the labels, as reports call them: "Deployment shop/web". */
  objects(labels?: string): Promise<string[]> {
    return clusterObjects((path) => this.api("GET", path), labels);
  }

  /** Asks the API server. @throws on any status of 400 and above, 404 excepted, which gives undefined */
  async api<Answer = LiveObject>(method: string, path: string, body?: unknown): Promise<Answer | undefined> {
    const { users } = parse(readFileSync(this.target.kubeconfig, "utf8")) as Kubeconfig;
    const user = users[0]?.user ?? {};
    const decoded = (name: string) => {
      const data = user[`${name}-data`];
      return data === undefined ? readFileSync(user[name] ?? "") : Buffer.from(data, "base64");
    };
    const { status, text } = await new Promise<{ status: number; text: string }>((settle, reject) => {
      const call = request(`${this.target.server}${path}`, {
        method,
        rejectUnauthorized: false,
        cert: decoded("client-certificate"),
        key: decoded("client-key"),
        headers: { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" },
      });
      call.on("error", reject);
      call.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => settle({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (status === 404) {
      return undefined;
    }
    if (status >= 400) {
      throw new Error(`${method} ${path}: ${status} ${text}`);
    }
    return JSON.parse(text) as Answer;
  }

  async names(path: string): Promise<string[]> {
    const list = await this.api<{ items: LiveObject[] }>("GET", path);
    return (list?.items ?? []).map((each) => each.metadata.name).sort();
  }
}

interface Kubeconfig {
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

function files(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") {
      return [path];
    }
    if (code === "ENOENT") {
      return [];
    }
    throw error;
  }
}
