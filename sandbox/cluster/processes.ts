import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { endProcesses } from "../tools/end-processes";
import { UserError } from "../user-error";
import type { Layout } from "./layout";

/** In the order in which they can be stopped: nobody is left waiting for one that is gone. */
export const componentNames = [
  "kwok-controller",
  "kube-scheduler",
  "kube-controller-manager",
  "kube-apiserver",
  "etcd",
] as const;

export type ComponentName = (typeof componentNames)[number];

export interface ClusterProcess {
  readonly component: ComponentName;
  readonly pid: number;
  /** Resident memory. */
  readonly memoryBytes: number;
}

/** etcd writes to disk before it ends. The others have nothing to lose, and the API server can hang without etcd. */
const ETCD_GRACE_MILLISECONDS = 10_000;
const OTHERS_GRACE_MILLISECONDS = 2_000;

/**
 * The living processes of a cluster, recognised by the path of their program, which lies in the cluster's folder.
 * kwokctl's pid files are not used: after a crash they may name a process of somebody else, and an interrupted
 * start leaves processes without one.
 */
export function findProcesses(layout: Layout): ClusterProcess[] {
  const list = process.platform === "linux" ? processesFromProc() : processesFromPs();
  return list.flatMap(({ pid, command, memoryBytes }) => {
    const component = componentOf(command, layout.kwok);
    return component === undefined ? [] : [{ component, pid, memoryBytes: memoryBytes() }];
  });
}

/** @param command a command line that begins with the path of the program */
export function componentOf(command: string, kwokDirectory: string): ComponentName | undefined {
  const clusters = join(kwokDirectory, "clusters") + sep;
  if (!command.startsWith(clusters)) return undefined;
  const [, name] = command.slice(clusters.length).match(/^[^/]+\/bin\/([a-z-]+)(?=$|[\s\0])/) ?? [];
  return componentNames.find((component) => component === name);
}

interface ListedProcess {
  readonly pid: number;
  readonly command: string;
  readonly memoryBytes: () => number;
}

function processesFromProc(): ListedProcess[] {
  return readdirSync("/proc").flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    const command = readProc(pid, "cmdline");
    const memoryBytes = () => Number(readProc(pid, "status").match(/^VmRSS:\s+(\d+) kB/m)?.[1] ?? 0) * 1024;
    return [{ pid, command, memoryBytes }];
  });
}

/** Empty for a process that has ended in the meantime, or has ended and waits for its parent. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

function processesFromPs(): ListedProcess[] {
  const text = execFileSync("ps", ["-axww", "-o", "pid=,rss=,command="], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split("\n").flatMap((line) => {
    const [, pid, kilobytes, command] = line.match(/^\s*(\d+)\s+(\d+)\s+(.*)$/) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), command, memoryBytes: () => Number(kilobytes) * 1024 }];
  });
}

/**
 * Stops every process of the cluster: etcd last, so that the others can still write.
 * @throws when a process is still there after SIGKILL
 */
export async function stopProcesses(layout: Layout): Promise<void> {
  await stop(layout, (component) => component !== "etcd", OTHERS_GRACE_MILLISECONDS);
  await stop(layout, () => true, ETCD_GRACE_MILLISECONDS);
}

async function stop(
  layout: Layout,
  which: (component: ComponentName) => boolean,
  graceMilliseconds: number,
): Promise<void> {
  const targets = findProcesses(layout).filter(({ component }) => which(component));
  const left = await endProcesses(targets, graceMilliseconds);
  if (left.length === 0) return;
  const names = left.map(({ component, pid }) => `${component} (pid ${pid})`);
  throw new UserError(
    `These processes of the sandbox could not be stopped: ${names.join(", ")}. ` +
      "Do they belong to another user? Stop them by hand, then try again.",
  );
}
