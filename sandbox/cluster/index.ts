import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ImageSource, nodeDown, nodeRemove, nodeUp, reachableSource, requireNodePrerequisites } from "../node";
import { type ProgressSink, terminalProgress } from "../progress";
import { ensureTools } from "../tools";
import { withLock } from "../tools/lock";
import { apiClient, isReady } from "./api-client";
import { clusterTools, fingerprint } from "./configuration";
import { CONTEXT, writeKubeconfig } from "./kubeconfig";
import { type Layout, prepareLayout } from "./layout";
import { type ClusterPorts, choosePorts } from "./ports";
import { findProcesses, stopProcesses } from "./processes";
import { type ClusterRecord, hasData, type NodeKind, readRecord, writeRecord } from "./record";
import { ClusterStartError, missingComponents, reasonIn, startCluster } from "./start";
import { serverUrl } from "./status";
import { noteVolumeDirectories, removeVolumeDirectories } from "./volume-directories";

export type { NodeKind } from "./record";
export { ClusterStartError } from "./start";
export { type ClusterStatus, type ComponentStatus, clusterStatus } from "./status";

export interface SandboxCluster {
  /** Differs for each sandbox folder. */
  readonly name: string;
  /** Path of a kubeconfig with this cluster only. */
  readonly kubeconfig: string;
  /** The kubeconfig's only context. */
  readonly context: string;
  /** URL of the API server, on 127.0.0.1. */
  readonly server: string;
  /** Path of the log with one line per API call, when it is kept. */
  readonly auditLog: string | undefined;
  /** Where pods run that have an image for it; all others run on simulated nodes. */
  readonly node: NodeKind;
  /** Where images come from that run on the real node; undefined without one. */
  readonly images: ImageSource | undefined;
}

export interface ClusterOptions {
  /** The sandbox folder. @default .sandbox in this checkout */
  readonly directory?: string;
}

export interface ClusterUpOptions extends ClusterOptions {
  /** Log each API call. A running cluster is restarted to change it. @default as it was, at first off */
  readonly auditLog?: boolean;
  /** "real" adds a node that runs containers, "simulated" takes it away. @default as it was, at first simulated */
  readonly node?: NodeKind;
  /**
   * Where the images of a real node come from.
   * @default as it was, at first the vendors' where their registry can be reached, else the sandbox's
   */
  readonly images?: ImageSource;
}

export interface ClusterStopOptions extends ClusterOptions {
  /** Where to say that another process has to be waited for. @default the terminal (stderr) */
  readonly progress?: ProgressSink;
}

/** Enough for a port that another program takes at the wrong moment, twice. */
const START_ATTEMPTS = 3;

/**
 * Gives a usable cluster: the running one, the stopped one started again, a damaged one repaired, or a new one.
 * @throws MissingToolsError, or ClusterStartError with the end of the failing component's log
 */
export async function clusterUp(progress: ProgressSink, options: ClusterUpOptions = {}): Promise<SandboxCluster> {
  const layout = prepareLayout(options.directory);
  return withClusterLock(layout, progress, () => clusterUpLocked(layout, progress, options));
}

/** One process at a time works on a cluster. Tells of another one that it has to wait for, and when that has ended. */
function withClusterLock<T>(layout: Layout, progress: ProgressSink, work: () => Promise<T>): Promise<T> {
  let other: number | undefined;
  const onWait = (pid: number) => {
    other = pid;
    progress.step(`waiting for process ${pid}, which is at work on the same sandbox`);
  };
  const workInTurn = () => {
    if (other !== undefined) progress.done(`process ${other} no longer works on the same sandbox`);
    return work();
  };
  return withLock(layout.lock, workInTurn, { onWait });
}

async function clusterUpLocked(
  layout: Layout,
  progress: ProgressSink,
  options: ClusterUpOptions,
): Promise<SandboxCluster> {
  const before = readRecord(layout);
  const auditLog = options.auditLog ?? before?.auditLog ?? false;
  const wanted = fingerprint(auditLog);
  const node = options.node ?? before?.node ?? "simulated";
  if (node === "real") requireNodePrerequisites(layout.directory);
  const images = node === "real" ? (options.images ?? before?.images ?? (await reachableSource())) : before?.images;
  if (before?.fingerprint === wanted && (await isRunning(layout, before))) {
    return finish(layout, { ...before, node, images }, before.node, progress);
  }

  const tools = await ensureTools(clusterTools, progress);
  progress.step("starting the sandbox cluster");
  await nodeDown(layout);
  await stopProcesses(layout);
  const start = (ports: ClusterPorts) => startCluster(layout, ports, tools, auditLog);
  const startEmpty = () => {
    discard(layout, progress);
    return startOnFreePorts(layout, before?.ports, start);
  };
  const startOnData = () => startOnFreePorts(layout, before?.ports, start);
  let created = !hasData(layout);
  let ports: ClusterPorts;
  try {
    ports = await (created ? startEmpty() : startOnData());
  } catch (error) {
    if (created || !(error instanceof ClusterStartError) || !error.dataUnreadable) throw error;
    progress.warn(`The sandbox's data can no longer be read and is lost: ${reasonIn(error.log)}`);
    created = true;
    ports = await startEmpty();
  }
  const record: ClusterRecord = { ports, auditLog, node, images, fingerprint: wanted };
  // Until `finish` has done what is wanted, the kind of node is what it was: an interruption is made good by the next start.
  const nodeBefore = created ? "simulated" : (before?.node ?? "simulated");
  writeRecord(layout, { ...record, node: nodeBefore });
  writeKubeconfig(layout.kubeconfig, serverUrl(ports), layout.pki);
  progress.done(`sandbox cluster ${created ? "created" : "started"} at ${serverUrl(ports)}`);
  return finish(layout, record, nodeBefore, progress);
}

/**
 * Gives a running cluster its real node, or takes it away. The record tells of a node before it is there, and until it is
 * gone: what was interrupted is done by the next start.
 */
async function finish(
  layout: Layout,
  record: ClusterRecord,
  before: NodeKind,
  progress: ProgressSink,
): Promise<SandboxCluster> {
  const cluster = { layout, ports: record.ports, api: apiClient(record.ports.apiServer, layout.pki) };
  if (record.node !== before && record.node === "simulated") {
    progress.step("taking the real node out of the cluster");
    await nodeRemove(cluster);
    progress.done("the real node is gone");
  }
  writeRecord(layout, record);
  if (record.node === "real") {
    await nodeUp(cluster, record.images ?? "sandbox", progress);
    await noteVolumeDirectories(layout, cluster.api, true);
  }
  return describe(layout, record);
}

async function startOnFreePorts(
  layout: Layout,
  before: ClusterPorts | undefined,
  start: (ports: ClusterPorts) => Promise<void>,
): Promise<ClusterPorts> {
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(layout.directory, before);
    try {
      await start(ports);
      return ports;
    } catch (error) {
      await stopProcesses(layout);
      if (!(error instanceof ClusterStartError) || !error.portTaken || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function isRunning(layout: Layout, record: ClusterRecord): Promise<boolean> {
  if (missingComponents(layout).length > 0 || !hasData(layout)) return false;
  return isReady(apiClient(record.ports.apiServer, layout.pki));
}

function describe(layout: Layout, record: ClusterRecord): SandboxCluster {
  const server = serverUrl(record.ports);
  if (!existsSync(layout.kubeconfig)) writeKubeconfig(layout.kubeconfig, server, layout.pki);
  const auditLog = record.auditLog ? join(layout.logs, "audit.log") : undefined;
  return {
    name: layout.name,
    kubeconfig: layout.kubeconfig,
    context: CONTEXT,
    server,
    auditLog,
    node: record.node,
    images: imagesOf(record),
  };
}

function imagesOf({ node, images }: ClusterRecord): ImageSource | undefined {
  return node === "real" ? (images ?? "sandbox") : undefined;
}

/** Removes a cluster that is of no use any more, and Pulumi's state, which tells of objects that are gone with it. */
function discard(layout: Layout, progress: ProgressSink): void {
  if (existsSync(layout.cluster))
    progress.warn("Nothing of the earlier sandbox cluster can be used: a new, empty one is made.");
  if (existsSync(layout.state))
    progress.warn(`Removed ${layout.state}: it described objects of a cluster that is gone.`);
  removeFiles(layout);
}

function removeFiles(layout: Layout): void {
  removeVolumeDirectories(layout);
  const paths = [layout.cluster, layout.state, layout.engineWork, layout.kubeconfig];
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}

/** Stops the cluster and keeps its data. Does nothing when it is not running. */
export async function clusterDown(options: ClusterStopOptions = {}): Promise<void> {
  const layout = prepareLayout(options.directory);
  await withClusterLock(layout, options.progress ?? terminalProgress(), () => stopCluster(layout));
}

/**
 * Stops the cluster and removes everything of it, with Pulumi's state and work folders of the stacks on it. What
 * belongs to stacks on real clusters stays.
 */
export async function clusterReset(options: ClusterStopOptions = {}): Promise<void> {
  const layout = prepareLayout(options.directory);
  await withClusterLock(layout, options.progress ?? terminalProgress(), async () => {
    await stopCluster(layout);
    removeFiles(layout);
  });
}

async function stopCluster(layout: Layout): Promise<void> {
  const record = readRecord(layout);
  if (record !== undefined && (await isRunning(layout, record))) {
    await noteVolumeDirectories(layout, apiClient(record.ports.apiServer, layout.pki), record.node === "real");
  }
  await nodeDown(layout);
  if (findProcesses(layout).length > 0) await stopProcesses(layout);
}
