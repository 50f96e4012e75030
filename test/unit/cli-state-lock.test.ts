import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type LockOptions, programOf, releaseStaleLocks } from "../../sandbox/engine/state-lock";
import { silentProgress } from "../../sandbox/progress";
import { testWith } from "../support/requirements";

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

async function release(engines: number[], options: LockOptions = {}) {
  const isEngine = (pid: number) => engines.includes(pid);
  return await releaseWith({ isEngine, ...options });
}

async function releaseWith(options: LockOptions) {
  const warnings: string[] = [];
  const progress = { ...silentProgress, warn: (message: string) => warnings.push(message) };
  await releaseStaleLocks(state, "platform", "dev", progress, { waitMilliseconds: 0, ...options });
  return warnings;
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

describe("the lock of another machine, or of a container that is gone", () => {
  test("is left alone, and the message says how to get past it, without a wait that may be in vain", async () => {
    const path = lock(4711, "elsewhere");
    await expect(release([], { waitMilliseconds: 3_600_000 })).rejects.toThrow(
      /on elsewhere holds the lock of stack dev \(process 4711.*If it was killed.*--recover/,
    );
    expect(existsSync(path)).toBe(true);
  });

  test("is removed when the user says that its run is dead", async () => {
    const path = lock(4711, "elsewhere");
    expect(await release([], { recover: true })).toEqual([expect.stringContaining("process 4711 on elsewhere")]);
    expect(existsSync(path)).toBe(false);
  });
});

test("a run that begins elsewhere while one here is waited for keeps its lock, too", async () => {
  lock(4711);
  let later: string | undefined;
  const isEngine = () => {
    later ??= lock(4712, "elsewhere");
    return true;
  };
  await expect(releaseWith({ recover: true, isEngine, waitMilliseconds: 60_000 })).rejects.toThrow(/process 4712/);
  expect(existsSync(later ?? "")).toBe(true);
});

test("a run that works on this machine keeps its lock whatever the user says", async () => {
  const path = lock(4711);
  await expect(release([4711], { recover: true })).rejects.toThrow(/process 4711/);
  expect(existsSync(path)).toBe(true);
});

test("takes only the stale ones of several locks", async () => {
  const stale = lock(1);
  const held = lock(2);
  await expect(release([2])).rejects.toThrow(/process 2/);
  expect([existsSync(stale), existsSync(held)]).toEqual([false, true]);
});

test("an engine is a living process of the program pulumi, and of no other one", async () => {
  const program = join(state, "pulumi");
  symlinkSync("/bin/sh", program);
  const engine = spawn(program, ["-c", "echo ready; read line"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => engine.once("close", resolve));
  await new Promise((resolve) => engine.stdout.once("data", resolve));
  const pid = engine.pid ?? 0;
  const other = lock(process.pid);
  const held = lock(pid);
  await expect(releaseWith({})).rejects.toThrow(`process ${pid}`);
  expect([existsSync(other), existsSync(held)]).toEqual([false, true]);
  engine.kill("SIGKILL");
  await ended;
  expect(await releaseWith({})).toEqual([expect.stringContaining(`process ${pid}`)]);
});

const hasPs = spawnSync("ps").error === undefined;
const whenPs = testWith("ps of Debian's procps", hasPs);

whenPs("the program of a process is known on systems without /proc as well", () => {
  expect(programOf(process.pid, "darwin")).toBe(programOf(process.pid));
  expect(programOf(2 ** 22 + 1, "darwin")).toBeUndefined();
});
