import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterReset, clusterUp } from "../../sandbox/cluster";
import type { ApiClient } from "../../sandbox/cluster/api-client";
import type { Target } from "../../sandbox/engine/target";
import { silentProgress } from "../../sandbox/progress";
import { apiOf, componentPids, eventually, removeFolder } from "./cluster-support";
import type { RunAnswer, RunOrder } from "./run-program";

/** A run in a process of its own. */
export interface Run {
  readonly child: ChildProcess;
  /** The answer, when it has ended by itself; undefined when it was killed. */
  readonly answer: Promise<RunAnswer | undefined>;
  /** Everything it printed. */
  output(): string;
}

/** A checkout with one stack, an embedded cluster of its own, and runs of the small program on it. */
export class RunScene {
  private constructor(
    readonly repository: string,
    readonly sandboxFolder: string,
    readonly target: Target,
    private readonly api: ApiClient,
  ) {}

  static async start(): Promise<RunScene> {
    const repository = mkdtempSync(join(tmpdir(), "platform-run-"));
    writeFileSync(join(repository, "Pulumi.yaml"), "name: platform\nruntime: nodejs\n");
    writeFileSync(join(repository, "Pulumi.dev.yaml"), "config:\n  platform:cluster: { context: production }\n");
    const sandboxFolder = join(repository, ".sandbox");
    mkdirSync(sandboxFolder);
    const cluster = await clusterUp(silentProgress, { directory: sandboxFolder });
    const { kubeconfig, context, server } = cluster;
    const target: Target = { kind: "sandbox", kubeconfig, context, server };
    return new RunScene(repository, sandboxFolder, target, apiOf(cluster, sandboxFolder));
  }

  async remove(): Promise<void> {
    await clusterReset({ directory: this.sandboxFolder });
    removeFolder(this.repository);
  }

  /** Starts a run; the test may signal it. */
  begin(order: Partial<RunOrder> & Pick<RunOrder, "operation">, environment: Record<string, string> = {}): Run {
    const { target, repository, sandboxFolder } = this;
    const usual = { image: "a:1", stuck: false, copies: 0, options: {} };
    const complete: RunOrder = { target, repository, sandboxFolder, ...usual, ...order };
    const child = spawn(
      process.execPath,
      ["--import", require.resolve("tsx"), join(__dirname, "run-program.ts"), JSON.stringify(complete)],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } },
    );
    const printed: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => printed.push(text));
    }
    const answer = new Promise<RunAnswer | undefined>((resolve) => {
      child.once("close", () => {
        const last = printed.join("").trimEnd().split("\n").at(-1) ?? "";
        resolve(last.startsWith("{") ? (JSON.parse(last) as RunAnswer) : undefined);
      });
    });
    return { child, answer, output: () => printed.join("") };
  }

  /** A run from beginning to end. @throws what it printed when it gave no answer */
  async run(...order: Parameters<RunScene["begin"]>): Promise<RunAnswer & { output: string }> {
    const run = this.begin(...order);
    const answer = await run.answer;
    if (answer === undefined) throw new Error(`The run gave no answer:\n${run.output()}`);
    return { ...answer, output: run.output() };
  }

  /** Names of the objects of a kind in the program's namespace, or [] without the namespace. */
  async names(path: "configmaps" | "secrets" | "deployments"): Promise<string[]> {
    const root = path === "deployments" ? "/apis/apps/v1" : "/api/v1";
    const { items } = await this.get<{ items: { metadata: { name: string } }[] }>(`${root}/namespaces/shop/${path}`);
    return items.map(({ metadata }) => metadata.name).filter((name) => name !== "kube-root-ca.crt");
  }

  /** A value of a Secret in the program's namespace, decoded. */
  async secret(name: string, key: string): Promise<string> {
    const { data } = await this.get<{ data: Record<string, string> }>(`/api/v1/namespaces/shop/secrets/${name}`);
    return Buffer.from(data[key] ?? "", "base64").toString();
  }

  private async get<Answer>(path: string): Promise<Answer> {
    const { status, body } = await this.api.request("GET", path);
    if (status !== 200) throw new Error(`The API server answered ${status} to ${path}`);
    return JSON.parse(body) as Answer;
  }

  /**
   * Starts an `up` whose pods never become ready, and returns once its Deployment, the last of its objects, is in the
   * cluster: the engine is then waiting for the pods.
   */
  async beginStuckUp(): Promise<Run> {
    const run = this.begin({ operation: "up", stuck: true });
    await eventually(async () => {
      if (run.child.exitCode !== null) throw new Error(`The run has ended:\n${run.output()}`);
      return (await this.names("deployments")).length > 0 ? true : undefined;
    });
    return run;
  }

  /** Loses the state; the objects stay. */
  forget(): void {
    rmSync(join(this.sandboxFolder, "state"), { recursive: true });
  }

  /** Writes a kubeconfig with the embedded cluster's credentials under other names. */
  kubeconfig(context: string, server: string): string {
    const path = join(this.repository, `kubeconfig-${new URL(server).port}`);
    const own = readFileSync(this.target.kubeconfig, "utf8");
    writeFileSync(path, own.replaceAll(this.target.context, context).replace(this.target.server, server), {
      mode: 0o600,
    });
    return path;
  }

  /** Kills the API server of the embedded cluster, and starts it again. */
  async restartApiServer(): Promise<void> {
    const { "kube-apiserver": pid } = await componentPids(this.sandboxFolder);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    await clusterUp(silentProgress, { directory: this.sandboxFolder });
  }

  /** Process id of the builtin providers of a run. */
  providersProcess(run: Run): number {
    const children = readFileSync(`/proc/${run.child.pid}/task/${run.child.pid}/children`, "utf8").trim().split(" ");
    const isProviders = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("providers/main");
    const found = children.find((pid) => pid !== "" && isProviders(pid));
    if (found === undefined) throw new Error("The run has no process with providers.");
    return Number(found);
  }

  /** Whether an engine works on the stack. */
  isLocked(): boolean {
    return existsSync(this.locks) && readdirSync(this.locks).some((name) => name.endsWith(".json"));
  }

  /** Locks of runs and notes of killed ones that are left. */
  leftovers(): string[] {
    const state = join(this.sandboxFolder, "state");
    return [
      ...(existsSync(this.locks) ? readdirSync(this.locks).filter((name) => name.endsWith(".json")) : []),
      ...readdirSync(state).filter((name) => name.endsWith(".journal")),
    ];
  }

  /** Process id of the engine that works on the stack, from its lock. */
  engineProcess(): number {
    const lock = readdirSync(this.locks).find((name) => name.endsWith(".json")) ?? "";
    return (JSON.parse(readFileSync(join(this.locks, lock), "utf8")) as { pid: number }).pid;
  }

  /** Leaves the lock of an engine that worked under another host name. */
  lockAs(hostname: string): void {
    mkdirSync(this.locks, { recursive: true });
    const lock = { pid: 4711, username: "somebody", hostname, timestamp: "2026-01-01T00:00:00Z" };
    writeFileSync(join(this.locks, "00000000-0000-0000-0000-000000000000.json"), JSON.stringify(lock));
  }

  private get locks(): string {
    return join(this.sandboxFolder, "state/.pulumi/locks/organization/platform/dev");
  }

  /** The text of every file that runs have written, the encrypted state included. */
  writtenText(): string {
    return ["state", "work"]
      .flatMap((name) => readdirSync(join(this.sandboxFolder, name), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
      .join("\n");
  }
}
