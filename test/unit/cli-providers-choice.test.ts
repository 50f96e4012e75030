import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseProviders, type ProviderChoice, rememberProviders } from "../../sandbox/engine/providers";
import { silentProgress } from "../../sandbox/progress";

let folder: string;
const userHome = process.env["PULUMI_HOME"];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "platform-choice-"));
  process.env["PULUMI_HOME"] = join(folder, "user"); // without plugins
  jest.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
});
afterEach(() => {
  jest.restoreAllMocks();
  if (userHome === undefined) delete process.env["PULUMI_HOME"];
  else process.env["PULUMI_HOME"] = userHome;
  rmSync(folder, { recursive: true });
});

const choose = (choice: ProviderChoice, target: "sandbox" | "cluster" = "sandbox", progress = silentProgress) =>
  chooseProviders({
    choice,
    target,
    home: join(folder, "home"),
    workFolder: folder,
    progress,
    pulumi: () => Promise.reject(new Error("nothing can be downloaded here")),
  });

function installOfficial(): void {
  for (const name of ["kubernetes", "random", "tls"]) {
    const { version } = require(`@pulumi/${name}/package.json`) as { version: string };
    mkdirSync(join(folder, "home/plugins", `resource-${name}-v${version}`), { recursive: true });
  }
}

test("auto takes the official ones if they can be had, else the builtin ones", async () => {
  expect(await choose("auto")).toBe("builtin");
  installOfficial();
  // Nothing was made by the run before, so it settles nothing.
  expect(await choose("auto")).toBe("official");
});

test("auto keeps to the builtin ones that the stack was made with", async () => {
  rememberProviders(folder, "builtin");
  installOfficial();
  expect(await choose("auto")).toBe("builtin");
});

test("auto does not replace official ones that cannot be had any more", async () => {
  rememberProviders(folder, "official");
  await expect(choose("auto")).rejects.toThrow(
    /made with the official providers.*cannot be downloaded.*pulumi plugin install resource kubernetes .*--providers builtin/,
  );
  expect(await choose("builtin")).toBe("builtin");
});

test("official is refused when they cannot be had", async () => {
  await expect(choose("official")).rejects.toThrow(/^The official providers are not installed/);
});

test("on a real cluster auto never takes the builtin ones, whatever the stack was made with", async () => {
  await expect(choose("auto", "cluster")).rejects.toThrow(
    /^A cluster that is not the embedded one .* --providers builtin/,
  );
  rememberProviders(folder, "builtin");
  await expect(choose("auto", "cluster")).rejects.toThrow(/^A cluster that is not the embedded one/);
  installOfficial();
  const warn = jest.fn();
  expect(await choose("auto", "cluster", { ...silentProgress, warn })).toBe("official");
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("last brought up with the builtin providers"));
});

test("on a real cluster the builtin ones are taken by name, with a warning", async () => {
  installOfficial();
  const warn = jest.fn();
  expect(await choose("builtin", "cluster", { ...silentProgress, warn })).toBe("builtin");
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("made for the embedded cluster"));
  warn.mockClear();
  expect(await choose("builtin", "sandbox", { ...silentProgress, warn })).toBe("builtin");
  expect(warn).not.toHaveBeenCalled();
});
