import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { releaseStaleLocks } from "../../sandbox/engine/state-lock";
import { silentProgress } from "../../sandbox/progress";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "platform-lock-"));
});
afterEach(() => rmSync(state, { recursive: true }));

function lock(pid: number, host = hostname()): string {
  const folder = join(state, ".pulumi/locks/organization/platform/dev");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${pid}.json`);
  writeFileSync(path, JSON.stringify({ pid, hostname: host, username: "me", timestamp: "2026-01-01T00:00:00Z" }));
  return path;
}

function release(engines: number[]) {
  const warnings: string[] = [];
  const progress = { ...silentProgress, warn: (message: string) => warnings.push(message) };
  const options = { isEngine: (pid: number) => engines.includes(pid), waitMilliseconds: 0 };
  return releaseStaleLocks(state, "platform", "dev", progress, options).then(() => warnings);
}

test("nothing happens without a lock", async () => {
  expect(await release([])).toEqual([]);
});

test("takes over the lock of a process that is gone, and says so", async () => {
  const path = lock(4711);
  expect(await release([])).toEqual([expect.stringContaining("process 4711")]);
  expect(existsSync(path)).toBe(false);
});

test("leaves the lock of a running engine and names it", async () => {
  const path = lock(4711);
  await expect(release([4711])).rejects.toThrow(/Another run is working on stack dev \(process 4711/);
  expect(existsSync(path)).toBe(true);
});

test("does not judge processes of another machine", async () => {
  lock(4711, "elsewhere");
  await expect(release([])).rejects.toThrow(/on elsewhere/);
});

test("takes only the stale ones of several locks", async () => {
  const stale = lock(1);
  const held = lock(2);
  await expect(release([2])).rejects.toThrow(/process 2/);
  expect([existsSync(stale), existsSync(held)]).toEqual([false, true]);
});
