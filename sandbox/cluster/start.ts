import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type CommandResult, runCommand } from "../tools/command";
import { type ApiClient, apiClient, isReady, statusOf } from "./api-client";
import { createBaseObjects, NODE_COUNT } from "./base-objects";
import { type ClusterTools, kwokctlConfiguration, stageFiles } from "./configuration";
import type { Layout } from "./layout";
import type { ClusterPorts } from "./ports";
import { type ComponentName, componentNames, findProcesses } from "./processes";

const READY_TIMEOUT_MILLISECONDS = 120_000;
const POLL_MILLISECONDS = 100;

/** A component ended, or nothing got ready in time. */
export class ClusterStartError extends Error {
  override readonly name = "ClusterStartError";

  constructor(
    message: string,
    /** The component that ended, when one did. */
    readonly component: ComponentName | undefined,
    /** The end of that component's log. */
    readonly log: string,
  ) {
    super(message);
  }

  /** Somebody took the port between choosing and using it. */
  get portTaken(): boolean {
    return this.log.includes("address already in use");
  }

  /**
   * etcd, which alone reads the data, gave up on it. Every other end (killed, a full disk, no permission, a failing
   * component that is not etcd) says nothing against the data.
   */
  get dataUnreadable(): boolean {
    const gaveUp = /^panic: |"level":"(fatal|panic)"/m.test(this.log);
    const otherCause = /no space left|permission denied|address already in use|too many open files|cannot allocate/;
    return this.component === "etcd" && gaveUp && !otherCause.test(this.log);
  }
}

/**
 * Starts the cluster on the data and certificates that are there, or on new ones, and returns when it is usable.
 * The same way is taken for a new cluster and one that was stopped: kwokctl's own folder is made anew each time, so
 * neither stale pid files nor the settings of an older version can get in the way.
 * @throws ClusterStartError
 */
export async function startCluster(
  layout: Layout,
  ports: ClusterPorts,
  tools: ClusterTools,
  auditLog: boolean,
): Promise<void> {
  const configuration = prepareWorkDirectory(
    layout,
    kwokctlConfiguration(ports, tools, auditLog, join(layout.work, "pki")),
  );
  const kwokctl = kwokctlCommand(layout, tools, configuration);
  const created = await createComponents(layout, kwokctl);
  keepCertificates(layout);

  if (findProcesses(layout).length === 0) {
    throw new ClusterStartError(
      `kwokctl could not start the cluster: ${reasonIn(created.stderr)}`,
      undefined,
      created.stderr,
    );
  }
  const api = apiClient(ports.apiServer, layout.pki);
  await until(layout, "the API server", () => isReady(api), ["etcd", "kube-apiserver"]);
  // On a slow machine the others give up before the API server answers; kwokctl starts what is not there.
  if (missingComponents(layout).length > 0) await kwokctl(["start", "cluster"]);
  await createBaseObjects(api);
  await until(layout, "the controllers", () => controllersAtWork(api), componentNames);
}

type Kwokctl = (words: readonly string[], signal?: AbortSignal) => Promise<CommandResult>;

function kwokctlCommand(layout: Layout, tools: ClusterTools, configuration: string): Kwokctl {
  const environment = componentEnvironment(layout, tools);
  const common = ["--name", layout.name, ...[configuration, ...stageFiles].flatMap((file) => ["--config", file])];
  return (words, signal) =>
    runCommand(tools.kwokctl, [...words, ...common], { environment, ...(signal !== undefined && { signal }) });
}

/**
 * Lets kwokctl start every component, then ends it: it would go on to wait for the API server for minutes, without
 * noticing that a component has ended. The components do not depend on it.
 */
async function createComponents(layout: Layout, kwokctl: Kwokctl): Promise<CommandResult> {
  const started = new AbortController();
  // An empty --kubeconfig: kwokctl would otherwise add a context to the user's own file.
  const creating = kwokctl(["create", "cluster", "--kubeconfig", ""], started.signal);
  const pidFiles = componentNames.map((component) => join(layout.work, "pids", `${component}.pid`));
  const allStarted = async () => {
    while (!started.signal.aborted && !pidFiles.every((file) => existsSync(file))) await delay(POLL_MILLISECONDS);
  };
  try {
    await Promise.race([creating, allStarted()]);
  } finally {
    started.abort();
  }
  return creating;
}

/** @returns the path of kwokctl's configuration */
function prepareWorkDirectory(layout: Layout, configuration: string): string {
  rmSync(layout.kwok, { recursive: true, force: true });
  for (const directory of [layout.work, layout.data, layout.logs])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Links, because kwokctl removes its folder with all it holds when a start fails: the data must survive that.
  symlinkSync(layout.data, join(layout.work, "etcd"));
  symlinkSync(layout.logs, join(layout.work, "logs"));
  if (existsSync(layout.pki)) cpSync(layout.pki, join(layout.work, "pki"), { recursive: true });
  const file = join(layout.kwok, "kwokctl.yaml");
  writeFileSync(file, configuration);
  return file;
}

/** kwokctl makes certificates when it finds none. The copy outlives its folder: tokens and kubeconfigs depend on it. */
function keepCertificates(layout: Layout): void {
  const made = join(layout.work, "pki");
  if (!existsSync(layout.pki) && existsSync(join(made, "admin.key"))) cpSync(made, layout.pki, { recursive: true });
}

/** Nothing else of this process's environment: the components live long, and the environment may hold secrets. */
function componentEnvironment(layout: Layout, tools: ClusterTools): NodeJS.ProcessEnv {
  return {
    // kwokctl takes the first kubectl on PATH, whatever its version.
    PATH: [dirname(tools.kubectl), process.env["PATH"] ?? ""].join(delimiter),
    HOME: layout.kwok,
    KWOK_WORKDIR: layout.kwok,
    KUBECONFIG: join(layout.kwok, "unused-kubeconfig"),
  };
}

async function controllersAtWork(api: ApiClient): Promise<boolean> {
  // The controller manager makes the account as one of the first things; without it no pod can be created.
  if ((await statusOf(api, "/api/v1/namespaces/default/serviceaccounts/default")) !== 200) return false;
  return (await readNodes(api)).filter(({ ready }) => ready).length >= NODE_COUNT;
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Every node with its Ready condition. Empty while the server does not answer. */
export async function readNodes(api: ApiClient): Promise<{ readonly name: string; readonly ready: boolean }[]> {
  const { status, body } = await api.request("GET", "/api/v1/nodes");
  if (status !== 200) return [];
  return (JSON.parse(body) as NodeList).items.map((node) => ({
    name: node.metadata.name,
    ready: node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false,
  }));
}

export function missingComponents(layout: Layout): ComponentName[] {
  const running = new Set(findProcesses(layout).map(({ component }) => component));
  return componentNames.filter((component) => !running.has(component));
}

/** Waits for a condition, but not for one that cannot come true any more because a component has ended. */
async function until(
  layout: Layout,
  what: string,
  condition: () => Promise<boolean>,
  needed: readonly ComponentName[],
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MILLISECONDS;
  for (;;) {
    // Before the condition: an API server without etcd does not refuse, it keeps its callers waiting.
    const ended = missingComponents(layout).find((component) => needed.includes(component));
    if (ended !== undefined) {
      const log = readLog(layout, ended);
      const where = `The log is in ${layout.logs}; \`npm run sandbox -- reset\` makes a new cluster.`;
      throw new ClusterStartError(`${ended} ended: ${reasonIn(log)}\n${where}`, ended, log);
    }
    if (await condition()) return;
    if (performance.now() > deadline) {
      const seconds = READY_TIMEOUT_MILLISECONDS / 1000;
      throw new ClusterStartError(
        `${what} did not get ready in ${seconds} s; see the logs in ${layout.logs}`,
        undefined,
        "",
      );
    }
    await delay(POLL_MILLISECONDS);
  }
}

function readLog(layout: Layout, component: ComponentName): string {
  const file = join(layout.logs, `${component}.log`);
  return existsSync(file) ? readFileSync(file, "utf8").slice(-20_000) : "";
}

/** The line of a component's log that tells most about its end: its last panic or error, else its last words. */
export function reasonIn(log: string): string {
  const lines = log.trim().split("\n");
  const told =
    lines.findLast((line) => /^panic: |^[EF]\d{4} |"level":"(error|fatal|panic|ERROR)"/.test(line)) ?? lines.at(-1);
  return (told ?? "").slice(0, 500);
}
