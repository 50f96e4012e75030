import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ProgressSink } from "../progress";
import { processStart } from "../tools/lock";
import { UserError } from "../user-error";

/** An engine whose runner was killed notices that by itself and ends in this time, on a busy machine as well. */
const WAIT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 250;

interface LockFile {
  readonly path: string;
  readonly pid: number;
  readonly hostname: string;
}

export interface LockOptions {
  /**
   * The user says that a run which was begun under another host name is dead. Nobody else can know: the name is that of
   * another machine with the same checkout, of a container that is gone, or of this machine before it was renamed. A run
   * that works under this host name keeps its lock nevertheless.
   * @default false
   */
  readonly recover?: boolean;
  /** Whether a process is a running engine; a parameter for tests. */
  readonly isEngine?: (pid: number) => boolean;
  /** How long a running engine is waited for. @default a minute */
  readonly waitMilliseconds?: number;
}

/**
 * Removes the locks of engines that were killed, and waits for one that is still working.
 * @param state folder of the file backend
 * @throws UserError when another engine keeps the stack
 */
export async function releaseStaleLocks(
  state: string,
  project: string,
  stack: string,
  progress: ProgressSink,
  options: LockOptions = {},
): Promise<void> {
  const isEngine = options.isEngine ?? isRunningEngine;
  const folder = join(state, ".pulumi", "locks", "organization", project, stack);
  const until = Date.now() + (options.waitMilliseconds ?? WAIT_MILLISECONDS);
  // The user's word is about the runs of now, not about one that begins elsewhere while a run here is waited for.
  const known = new Set(options.recover === true ? readLocks(folder).map(({ path }) => path) : []);
  for (;;) {
    let holder: LockFile | undefined;
    for (const lock of readLocks(folder)) {
      const isElsewhere = lock.hostname !== hostname();
      if (isElsewhere && !known.has(lock.path)) throw heldElsewhere(stack, lock);
      if (!isElsewhere && isEngine(lock.pid)) {
        holder = lock;
        continue;
      }
      rmSync(lock.path, { force: true });
      const where = isElsewhere ? ` on ${lock.hostname}` : "";
      progress.warn(`took over the lock of an earlier run that was killed (process ${lock.pid}${where})`);
    }
    if (holder === undefined) return;
    if (Date.now() >= until) {
      throw new UserError(
        `Another run is working on stack ${stack} (process ${holder.pid}). ` +
          "Wait until it has ended, or stop it, then try again.",
      );
    }
    progress.step(`waiting for another run of stack ${stack} (process ${holder.pid})`);
    await delay(POLL_MILLISECONDS);
  }
}

/** Whether that run is still working cannot be seen from here, so waiting for it may be in vain. */
function heldElsewhere(stack: string, { pid, hostname: host }: LockFile): UserError {
  return new UserError(
    `A run on ${host} holds the lock of stack ${stack} (process ${pid} there; this is ${hostname()}). If it is still ` +
      "working, wait until it has ended. If it was killed, for example with its container, run the command again with " +
      "--recover, which removes its lock. The state has not been touched.",
  );
}

function readLocks(folder: string): LockFile[] {
  if (!existsSync(folder)) return [];
  // Beside each lock lies a file with attributes of the storage.
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.flatMap((name) => {
    const path = join(folder, name);
    try {
      const { pid, hostname: host } = JSON.parse(readFileSync(path, "utf8")) as { pid: number; hostname: string };
      return [{ path, pid, hostname: host }];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // just released
      throw new UserError(`The lock ${path} cannot be read. Remove it if no run is working on the stack.`);
    }
  });
}

/** False also when the number was given to another program since. */
function isRunningEngine(pid: number): boolean {
  if (processStart(pid) === undefined) return false;
  const program = programOf(pid);
  return program === undefined || program === "pulumi";
}

/**
 * The name of the program that a process runs; undefined when the system does not tell it, or not any more.
 * @param system a parameter for tests
 */
export function programOf(pid: number, system: NodeJS.Platform = process.platform): string | undefined {
  try {
    if (system === "linux") return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    // The whole path on some systems.
    const path = execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
    return basename(path.trim());
  } catch {
    return undefined;
  }
}
