import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { processStart, withLock } from "../../sandbox/tools/lock";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "platform-lock-"));
  file = join(directory, "lock");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The lock of another process, as it would lie there. */
function lockOf(pid: number, started: string | undefined): void {
  writeFileSync(file, JSON.stringify({ pid, host: hostname(), started: started ?? "" }));
}

test("is there during the work and gone after it, also after a failure", async () => {
  const seen = await withLock(file, async () => existsSync(file));
  await expect(withLock(file, async () => Promise.reject(new Error("work failed")))).rejects.toThrow("work failed");
  expect(seen).toBe(true);
  expect(readdirSync(directory)).toEqual([]);
});

test("lets one work at a time", async () => {
  const events: string[] = [];
  const work = (name: string) =>
    withLock(
      file,
      async () => {
        events.push(`${name} begins`);
        await new Promise(setImmediate);
        events.push(`${name} ends`);
      },
      { pollMilliseconds: 1 },
    );
  await Promise.all([work("first"), work("second"), work("third")]);
  for (let index = 0; index < events.length; index += 2) {
    expect(events[index + 1]).toBe(events[index]?.replace("begins", "ends"));
  }
  expect(events).toHaveLength(6);
});

test("is taken over from a process that has ended", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  lockOf(pid, "1");
  expect(await withLock(file, async () => "done")).toBe("done");
});

test("is taken over when its process id now belongs to another process", async () => {
  lockOf(process.pid, "an earlier start");
  expect(await withLock(file, async () => "done")).toBe("done");
});

test("is taken over when it is cut off", async () => {
  writeFileSync(file, '{"pid": 1');
  expect(await withLock(file, async () => "done")).toBe("done");
});

test("of a living process is waited for, and the wait is told once", async () => {
  lockOf(process.pid, processStart(process.pid));
  const told: number[] = [];
  const waiting = withLock(file, async () => "done", { pollMilliseconds: 1, onWait: (pid) => told.push(pid) });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(existsSync(file)).toBe(true);
  rmSync(file);
  expect(await waiting).toBe("done");
  expect(told).toEqual([process.pid]);
});

test("does not remove a lock that is no longer its own", async () => {
  await withLock(file, async () => writeFileSync(file, "of somebody else"));
  expect(readFileSync(file, "utf8")).toBe("of somebody else");
});
