import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { layoutOf } from "../../sandbox/cluster/layout";
import { findNodeProcesses, missingForNode } from "../../sandbox/node";
import { describeWith } from "../support/requirements";

const missing = missingForNode();

/** Skips the tests, with the reason in their title, on a machine that cannot run a real node. */
export const describeOnNode = describeWith(missing.join("; "), missing.length === 0);

/** What a sandbox has in the kernel: empty when nothing of it is left. */
export interface Traces {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly interfaces: readonly string[];
  /** What a kubelet likes to change for the whole machine. */
  readonly kernelSettings: readonly string[];
}

const KERNEL_SETTINGS = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "net/ipv4/ip_forward",
];

/** Everything on this machine that is there because of the sandbox, and all network interfaces of the machine. */
export function traces(directory: string): Traces {
  const words = (path: string) => (existsSync(path) ? readFileSync(path, "utf8").split("\n") : []);
  return {
    processes: processIds().filter((pid) => isOf(directory, pid)),
    mounts: words("/proc/self/mountinfo").filter((line) => line.includes(directory) || line.includes("shadow")),
    interfaces: readdirSync("/sys/class/net").sort(),
    kernelSettings: KERNEL_SETTINGS.map((setting) => `${setting} ${words(`/proc/sys/${setting}`).join("")}`),
  };
}

/** Identifiers of the node's containers, with which their control groups are named. */
export function containersOnNode(directory: string): string[] {
  const tasks = join(layoutOf(directory).node, "containerd", "io.containerd.runtime.v2.task", "k8s.io");
  return subfolders(tasks).map((folder) => basename(folder));
}

/** The control groups of containers: other runtimes, and other sandboxes, may have some of theirs beside them. */
export function controlGroups(containers: readonly string[]): string[] {
  return ["/sys/fs/cgroup", ...subfolders("/sys/fs/cgroup")]
    .flatMap((folder) => subfolders(join(folder, "k8s.io")))
    .filter((folder) => containers.includes(basename(folder)));
}

/** Process ids, as this machine counts, of everything in the node's process namespace. */
export function processesOnNode(directory: string): string[] {
  const { supervisor } = findNodeProcesses(layoutOf(directory).node);
  if (supervisor === undefined) return [];
  const namespace = link(`/proc/${supervisor}/ns/net`);
  return processIds().filter((pid) => isInside(supervisor, pid) || link(`/proc/${pid}/ns/net`) === namespace);
}

function isInside(supervisor: number, pid: string): boolean {
  return link(`/proc/${pid}/ns/pid`) === link(`/proc/${supervisor}/ns/pid`);
}

function isOf(directory: string, pid: string): boolean {
  const command = readFileOfProcess(pid, "cmdline");
  return command.includes(directory) || link(`/proc/${pid}/cwd`).startsWith(directory);
}

function processIds(): string[] {
  return readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
}

function readFileOfProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // it has ended since it was listed
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // it has ended since it was listed
  }
}

function subfolders(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(folder, name))
    : [];
}
