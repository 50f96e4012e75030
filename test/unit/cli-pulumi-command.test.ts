import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { engineProcess } from "../../sandbox/engine/pulumi-command";

let folder: string;
const searchPath = process.env["PATH"];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "platform-pulumi-"));
});
afterEach(() => {
  process.env["PATH"] = searchPath;
  rmSync(folder, { recursive: true });
});

/** A `pulumi` whose commands run this. */
function fakePulumi(source: string): string {
  const path = join(folder, "pulumi");
  writeFileSync(
    path,
    `#!${process.execPath}\nif (process.argv[2] === "version") { console.log("v3.246.0"); process.exit(); }\n${source}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

/** The number of the `pulumi` process; undefined until it has noted it. */
function startedProcess(): number | undefined {
  const file = join(folder, "pid");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return text === "" ? undefined : Number(text);
}

function isGone(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test("Ctrl-C in the moment in which the engine has ended by itself is no defect", async () => {
  // What keeps the output open makes this moment last: the process is gone, but its end has not been noticed.
  const path = fakePulumi(
    `require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 1500)"], ` +
      `{ detached: true, stdio: ["ignore", "inherit", "inherit"] }).unref(); require("node:fs").writeFileSync("pid", String(process.pid));`,
  );
  const engine = await engineProcess(path, {});
  const running = engine.run(["up"], folder);
  while (!isGone(startedProcess())) await delay(10);
  expect(() => engine.signal("SIGINT")).not.toThrow();
  await expect(running).resolves.toMatchObject({ code: 0 });
});
