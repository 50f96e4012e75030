import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { silentProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools";
import { configuration, stackText } from "../support/stack-yaml-samples";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-yaml-"));
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: platform\nruntime: nodejs\n");
  writeFileSync(join(folder, "Pulumi.dev.yaml"), stackText);
});

afterEach(() => rmSync(folder, { recursive: true }));

test("the Pulumi CLI reads stack files as the samples say", async () => {
  const { pulumi } = await ensureTools(["pulumi"], silentProgress);
  const run = (...args: string[]) =>
    promisify(execFile)(pulumi, [...args, "--non-interactive"], {
      cwd: folder,
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_HOME: join(folder, "home"),
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    });
  await run("stack", "init", "dev");
  const { stdout } = await run("config", "--json", "--show-secrets", "--stack", "dev");
  const read: Record<string, { value: string }> = JSON.parse(stdout);

  for (const [key, value] of Object.entries(configuration)) {
    const text = read[key]?.value ?? "";
    expect([key, typeof value === "string" ? text : JSON.parse(text)]).toEqual([key, value]);
  }
});
