import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { missingPlugins, type Plugin, takeUserPlugins } from "../../sandbox/engine/plugins";
import { silentProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools";

/** Which plugins the engine itself finds in a folder that the commands have prepared. Any executable can be a plugin. */
let folder: string;
let home: string;
const userHome = process.env["PULUMI_HOME"];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "platform-plugins-"));
  home = join(folder, "home");
  process.env["PULUMI_HOME"] = join(folder, "user");
});
afterEach(() => {
  if (userHome === undefined) delete process.env["PULUMI_HOME"];
  else process.env["PULUMI_HOME"] = userHome;
  rmSync(folder, { recursive: true });
});

function install({ name, folder: pluginFolder }: Plugin, where: string): string {
  const place = join(where, "plugins", pluginFolder);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `pulumi-resource-${name}`), "#!/bin/sh\n", { mode: 0o755 });
  return place;
}

async function found(): Promise<string[]> {
  const { pulumi } = await ensureTools(["pulumi"], silentProgress);
  const env = { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { stdout } = await promisify(execFile)(pulumi, ["plugin", "ls", "--json"], { env });
  return (JSON.parse(stdout) as { name: string; version: string }[]).map(({ name, version }) => `${name} ${version}`);
}

test("plugins that the user has installed are found, also by who linked them before", async () => {
  const plugins = missingPlugins(home);
  expect(plugins.map(({ name }) => name)).toEqual(["kubernetes", "random", "tls"]);
  for (const plugin of plugins) {
    const installed = install(plugin, join(folder, "user"));
    mkdirSync(join(home, "plugins"), { recursive: true });
    symlinkSync(installed, join(home, "plugins", plugin.folder), "dir");
  }
  expect(await found()).toEqual([]); // why links will not do
  takeUserPlugins(home);
  expect(missingPlugins(home)).toEqual([]);
  expect((await found()).sort()).toEqual(plugins.map(({ name, version }) => `${name} ${version}`));
});

test("an installation that broke off counts as none, for the engine and for the commands", async () => {
  const [plugin] = missingPlugins(home);
  if (plugin === undefined) throw new Error("the program uses no plugin");
  writeFileSync(`${install(plugin, join(folder, "user"))}.partial`, "");
  takeUserPlugins(home);
  expect(missingPlugins(home)).toContainEqual(plugin);
  writeFileSync(`${install(plugin, home)}.partial`, "");
  expect(await found()).toEqual([]);
  expect(missingPlugins(home)).toContainEqual(plugin);
});
