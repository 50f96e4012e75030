/** The processes of a real node, recognised by what they were started with, as those of the cluster are. */

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { endProcesses } from "../tools/end-processes";
import { UserError } from "../user-error";

export const SUPERVISOR = join(__dirname, "supervisor.sh");

/** slirp4netns' socket, by its name only: it is started in the node's folder, whose path may be too long for a socket. */
export const NETWORK_SOCKET = "slirp4netns.sock";

export interface NodeProcesses {
  /** The node's first process, as this machine counts processes. */
  readonly supervisor: number | undefined;
  /** slirp4netns, which connects the node to this machine. */
  readonly network: number | undefined;
}

/** More than the supervisor itself gives what it has to end. */
const STOP_MILLISECONDS = 20_000;

/** @param directory the node's folder */
export function findNodeProcesses(directory: string): NodeProcesses {
  let supervisor: number | undefined;
  let network: number | undefined;
  if (process.platform !== "linux") return { supervisor, network };
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const words = read(`/proc/${pid}/cmdline`).split("\0");
    // Others may give their processes any words, and what is run in the node is run as this user.
    if (!isOwn(pid)) continue;
    if (words[0] === "bash" && words[2] === directory && words[1]?.endsWith("/sandbox/node/supervisor.sh")) {
      // Its children carry the same words; it alone is the first of its process namespace.
      if (/^NSpid:(\t\d+)*\t1$/m.test(read(`/proc/${pid}/status`))) supervisor = pid;
    }
    if (words[0] === "slirp4netns" && workingDirectory(pid) === directory) network = pid;
  }
  return { supervisor, network };
}

/** Whether a process belongs to this user, and not to a user namespace in which somebody else is root. */
function isOwn(pid: number): boolean {
  try {
    const sameNamespace = readlinkSync(`/proc/${pid}/ns/user`) === readlinkSync("/proc/self/ns/user");
    return sameNamespace && statSync(`/proc/${pid}`).uid === process.getuid?.();
  } catch {
    return false; // it has ended in the meantime, or is not ours to look into
  }
}

/** Undefined for a process that has ended in the meantime, or is somebody else's. */
function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Empty for a process that has ended in the meantime. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * Ends the node with everything on it: databases get the time to write what they have to.
 * @throws UserError when something does not even end by SIGKILL
 */
export async function stopNodeProcesses(directory: string): Promise<void> {
  const { supervisor, network } = findNodeProcesses(directory);
  // The node first, which the other one connects to what it may still have to write.
  for (const [name, pid] of [
    ["the node", supervisor],
    ["slirp4netns", network],
  ] as const) {
    if (pid === undefined || (await endProcesses([{ pid }], STOP_MILLISECONDS)).length === 0) continue;
    throw new UserError(`${name} of the sandbox (pid ${pid}) could not be stopped. Stop it by hand, then try again.`);
  }
}
