import { execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Who holds a lock. `started` tells a process from a later one that was given the same id. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly started: string;
}

export interface LockOptions {
  /** Called once when the lock is held by another living process. */
  readonly onWait?: (pid: number) => void;
  /** @default 200 ms */
  readonly pollMilliseconds?: number;
}

/**
 * Does the work while no other process holds the lock file. The lock of a process that has died is taken over.
 * A file system shared between machines is not protected: a holder elsewhere counts as dead. The work must
 * therefore stay correct (if wasteful) when it runs twice.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: processStart(process.pid) ?? "" });
  await acquire(file, mine, options);
  const release = () => {
    if (readIfPresent(file) === mine) rmSync(file, { force: true });
  };
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

async function acquire(file: string, mine: string, options: LockOptions): Promise<void> {
  let told = false;
  while (!tryAcquire(file, mine)) {
    const text = readIfPresent(file);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder === undefined || !isAlive(holder)) {
      removeStale(file, text);
      continue;
    }
    if (!told) options.onWait?.(holder.pid);
    told = true;
    await delay(options.pollMilliseconds ?? 200);
  }
}

/** Creates the file together with its content: a reader never sees an empty lock. */
function tryAcquire(file: string, mine: string): boolean {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, mine);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two processes may see the same stale lock: the one that comes second must not remove the lock of the first. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  if (readIfPresent(aside) !== stale && !existsSync(file)) linkSync(aside, file);
  rmSync(aside, { force: true });
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined; // cut off by a full disk or a crash: nobody can be behind it
  }
}

function isAlive(holder: Holder): boolean {
  return holder.host === hostname() && processStart(holder.pid) === holder.started;
}

/** When the process started, in the system's own notation; undefined when there is no such process. */
export function processStart(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = readIfPresent(`/proc/${pid}/stat`);
    // The second field, the name in parentheses, may hold spaces: count from the last parenthesis.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields?.[0] === "Z" ? undefined : fields?.[19];
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return undefined; // `ps` fails when there is no such process
  }
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ESRCH") return undefined;
    throw error;
  }
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
