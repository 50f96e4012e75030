import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { clusterDown, clusterReset, clusterStatus, clusterUp } from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";
import { testWith } from "../support/requirements";
import {
  apiOf,
  componentPids,
  configMapExists,
  createConfigMap,
  eventually,
  listeningAddresses,
  temporarySandbox,
} from "./cluster-support";

const { directory, remove } = temporarySandbox();
afterAll(remove);

const onLinux = testWith("Linux", process.platform === "linux");

test("is absent before it is first started", async () => {
  expect(await clusterStatus({ directory })).toMatchObject({ state: "absent", objects: {} });
});

test("comes up from nothing with nodes that are ready", async () => {
  const cluster = await clusterUp(silentProgress, { directory });
  const status = await clusterStatus({ directory });

  expect(cluster).toMatchObject({ context: "platform-sandbox", kubeconfig: join(directory, "kubeconfig") });
  expect(status).toMatchObject({ state: "running", kubernetesVersion: "v1.34.4", server: cluster.server });
  expect(status.nodes).toHaveLength(3);
  expect(status.nodes.every(({ ready }) => ready)).toBe(true);
});

test("keeps its keys to its owner, and other kubeconfigs as they are", () => {
  expect(statSync(join(directory, "kubeconfig")).mode & 0o077).toBe(0);
  expect(statSync(join(directory, "cluster")).mode & 0o077).toBe(0);
  expect(readdirSync(join(directory, "cluster", "kwok")).sort()).toEqual(["clusters", "kwokctl.yaml"]);
});

onLinux("listens on loopback only", async () => {
  const { components } = await clusterStatus({ directory });
  for (const { component, pid, ports } of components) {
    const expected = ports.map((port) => `0100007F:${port.toString(16).toUpperCase()}`);
    // A component may be at work before it listens.
    const addresses = await eventually(async () => {
      const found = listeningAddresses(pid ?? Number.NaN);
      return found.length < expected.length ? undefined : found;
    });
    expect({ component, addresses: addresses.sort() }).toEqual({ component, addresses: expected.sort() });
  }
});

test("stays as it is when it is started again", async () => {
  const before = await componentPids(directory);
  await clusterUp(silentProgress, { directory });
  expect(await componentPids(directory)).toEqual(before);
});

test("two commands that start it at the same time get the same cluster", async () => {
  const clusters = await Promise.all([1, 2].map(() => clusterUp(silentProgress, { directory })));
  expect(clusters[0]).toEqual(clusters[1]);
});

test("runs beside the cluster of another checkout", async () => {
  const other = temporarySandbox();
  try {
    const [mine, theirs] = await Promise.all([
      clusterUp(silentProgress, { directory }),
      clusterUp(silentProgress, { directory: other.directory }),
    ]);
    await createConfigMap(apiOf(mine, directory), "mine");

    expect(theirs.server).not.toBe(mine.server);
    expect(theirs.name).not.toBe(mine.name);
    expect(await configMapExists(apiOf(theirs, other.directory), "mine")).toBe(false);
  } finally {
    await other.remove();
  }
  expect((await clusterStatus({ directory })).state).toBe("running");
});

test("stops without leaving a process, and keeps its objects and its address", async () => {
  const before = await clusterUp(silentProgress, { directory });
  await clusterDown({ directory });
  const stopped = await clusterStatus({ directory });
  expect(stopped.state).toBe("stopped");
  expect(stopped.components.map(({ pid }) => pid)).toEqual(stopped.components.map(() => undefined));

  const after = await clusterUp(silentProgress, { directory });
  expect(after).toEqual(before);
  expect(await configMapExists(apiOf(after, directory), "mine")).toBe(true);
});

test("logs API calls when asked to, and goes on doing so", async () => {
  const asked = await clusterUp(silentProgress, { directory, auditLog: true });
  const later = await clusterUp(silentProgress, { directory });

  expect(later.auditLog).toBe(asked.auditLog);
  expect(statSync(asked.auditLog ?? "").size).toBeGreaterThan(0);
});

test("a reset leaves nothing", async () => {
  await clusterReset({ directory });
  expect(readdirSync(directory)).toEqual([]);
  expect(existsSync(directory)).toBe(true);
  expect((await clusterStatus({ directory })).state).toBe("absent");
});
