import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ProgressSink } from "../progress";
import { UserError } from "../user-error";

/** An engine whose runner was killed notices that by itself and ends in this time, on a busy machine as well. */
const WAIT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 250;

interface LockFile {
  readonly path: string;
  readonly pid: number;
  readonly hostname: string;
}

/**
 * Removes the locks of engines that were killed, and waits for one that is still working.
 * @param state folder of the file backend
 * @param options.isEngine whether a process is a running engine; a parameter for tests
 * @throws UserError when another engine keeps the stack
 */
export async function releaseStaleLocks(
  state: string,
  project: string,
  stack: string,
  progress: ProgressSink,
  options: { isEngine?: (pid: number) => boolean; waitMilliseconds?: number } = {},
): Promise<void> {
  const isEngine = options.isEngine ?? isRunningEngine;
  const folder = join(state, ".pulumi", "locks", "organization", project, stack);
  const until = Date.now() + (options.waitMilliseconds ?? WAIT_MILLISECONDS);
  for (;;) {
    let holder: LockFile | undefined;
    for (const lock of readLocks(folder)) {
      if (lock.hostname !== hostname() || isEngine(lock.pid)) {
        holder = lock;
        continue;
      }
      rmSync(lock.path, { force: true });
      progress.warn(`took over the lock of an earlier run that was killed (process ${lock.pid})`);
    }
    if (holder === undefined) return;
    if (Date.now() >= until) {
      throw new UserError(
        `Another run is working on stack ${stack} (process ${holder.pid} on ${holder.hostname}). ` +
          "Wait until it has ended, or stop it, then try again.",
      );
    }
    progress.step(`waiting for another run of stack ${stack} (process ${holder.pid})`);
    await delay(POLL_MILLISECONDS);
  }
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
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const comm = `/proc/${pid}/comm`;
  return !existsSync(comm) || readFileSync(comm, "utf8").trim() === "pulumi";
}
