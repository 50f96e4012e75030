import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterReset, clusterStatus, type SandboxCluster } from "../../sandbox/cluster";
import { type ApiClient, apiClient } from "../../sandbox/cluster/api-client";
import type { ProgressSink } from "../../sandbox/progress";

/** A sandbox folder of the test's own. `remove` also stops what runs there. */
export function temporarySandbox(): { readonly directory: string; readonly remove: () => Promise<void> } {
  const directory = mkdtempSync(join(tmpdir(), "platform-sandbox-"));
  return {
    directory,
    remove: async () => {
      await clusterReset({ directory });
      removeFolder(directory);
    },
  };
}

/**
 * Removes a folder in which processes were at work that nobody waits for: a file that one of them still writes makes
 * the removal start again.
 */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Keeps the warnings, for tests of what the user is told. */
export function recordingProgress(): ProgressSink & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { warnings, step() {}, done() {}, warn: (message) => warnings.push(message) };
}

export function apiOf(cluster: SandboxCluster, directory: string): ApiClient {
  return apiClient(Number(new URL(cluster.server).port), join(directory, "cluster", "pki"));
}

export async function createConfigMap(api: ApiClient, name: string): Promise<void> {
  const reply = await api.request("POST", "/api/v1/namespaces/default/configmaps", {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
  });
  expect(reply.status).toBe(201);
}

export async function configMapExists(api: ApiClient, name: string): Promise<boolean> {
  return (await api.request("GET", `/api/v1/namespaces/default/configmaps/${name}`)).status === 200;
}

/** The process ids of the components by name. */
export async function componentPids(directory: string): Promise<Record<string, number | undefined>> {
  const { components } = await clusterStatus({ directory });
  return Object.fromEntries(components.map(({ component, pid }) => [component, pid]));
}

/** Less than the tests' own time-out (`jest.config.js`), which would not tell which wait was in vain. */
const PATIENCE_MILLISECONDS = 240_000;

/**
 * Asks until the answer is defined. How long a machine needs is no matter of the tests: the patience only ends what
 * would never end.
 * @throws when the patience is over, from the line that waits
 */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const inVain = new Error(`What is waited for here did not come about in ${PATIENCE_MILLISECONDS / 1000} s.`);
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw inVain;
    await sleep(100);
  }
}

/** Local addresses, as Linux writes them in /proc/net/tcp*, on which the process listens. */
export function listeningAddresses(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = linkTarget(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/) ?? [];
      return inode === undefined ? [] : [inode];
    }),
  );
  return ["tcp", "tcp6"].flatMap((protocol) =>
    readFileSync(`/proc/${pid}/net/${protocol}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && sockets.has(fields[9] ?? ""))
      .map((fields) => fields[1] ?? ""),
  );
}

/** Empty when the file was closed between listing and reading. */
function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
