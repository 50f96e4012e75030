import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { clusterDown, clusterStatus, clusterUp } from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";
import {
  apiOf,
  componentPids,
  configMapExists,
  createConfigMap,
  eventually,
  recordingProgress,
  temporarySandbox,
} from "./cluster-support";

const { directory, remove } = temporarySandbox();
const pulumiState = join(directory, "state");
afterAll(remove);

beforeAll(async () => {
  const cluster = await clusterUp(silentProgress, { directory });
  await createConfigMap(apiOf(cluster, directory), "kept");
  mkdirSync(pulumiState);
});

test.each(["kube-apiserver", "etcd", "kwok-controller"])("repairs a cluster whose %s was killed", async (component) => {
  const { [component]: pid } = await componentPids(directory);
  process.kill(pid ?? Number.NaN, "SIGKILL");
  const reason = await eventually(async () => {
    const status = await clusterStatus({ directory });
    return status.reason?.startsWith("not running") ? status.reason : undefined;
  });
  expect(reason).toContain(component);

  const repaired = await clusterUp(silentProgress, { directory });
  expect(await configMapExists(apiOf(repaired, directory), "kept")).toBe(true);
  expect(existsSync(pulumiState)).toBe(true);
});

test("does not mind what pid files say after a restart of the machine", async () => {
  const { name } = await clusterStatus({ directory });
  await clusterDown({ directory });
  const pidFile = join(directory, "cluster", "kwok", "clusters", name, "pids", "etcd.pid");
  writeFileSync(pidFile, String(process.pid)); // the id now belongs to somebody else: this test

  const cluster = await clusterUp(silentProgress, { directory });
  expect(await configMapExists(apiOf(cluster, directory), "kept")).toBe(true);
});

test("moves to other ports when a program has taken one while it was stopped", async () => {
  const before = await clusterUp(silentProgress, { directory });
  await clusterDown({ directory });
  const intruder = await listen(Number(new URL(before.server).port));
  try {
    const moved = await clusterUp(silentProgress, { directory });
    expect(moved.server).not.toBe(before.server);
    expect(await configMapExists(apiOf(moved, directory), "kept")).toBe(true);
  } finally {
    intruder.close();
  }
});

test("says that the data is lost when it cannot be read, and makes a new cluster", async () => {
  await clusterDown({ directory });
  writeFileSync(join(directory, "cluster", "etcd", "member", "snap", "db"), "not a database");
  const progress = recordingProgress();
  const cluster = await clusterUp(progress, { directory });

  expect(progress.warnings.join("\n")).toMatch(/data can no longer be read and is lost/);
  expect(await configMapExists(apiOf(cluster, directory), "kept")).toBe(false);
  expect(existsSync(pulumiState)).toBe(false);
});

test("replaces a cluster whose first start was interrupted, with its processes", async () => {
  const before = await componentPids(directory);
  rmSync(join(directory, "cluster", "cluster.json")); // written when a start has ended well
  expect((await clusterStatus({ directory })).state).toBe("broken");

  await clusterUp(silentProgress, { directory });
  const after = await componentPids(directory);
  expect((await clusterStatus({ directory })).state).toBe("running");
  for (const [component, pid] of Object.entries(before)) expect(after[component]).not.toBe(pid);
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, () => resolve(server));
  });
}
