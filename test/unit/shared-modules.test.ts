import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** How test files share what they load (`test/support/jest`): three small files, run by Jest in one process. */
const ROOT = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "platform-shared-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

const files: Readonly<Record<string, string>> = {
  "shared/program.ts": "export const loaded = { files: [] as string[] };",
  "test/1.test.ts": `
    import { loaded } from "../shared/program";
    test("changes the process", () => {
      loaded.files.push("1");
      process.env["FROM_THE_FIRST_FILE"] = "yes";
      process.on("SIGHUP", () => undefined);
      process.chdir("/");
      jest.spyOn(Date, "now").mockReturnValue(0);
      globalThis.fetch = () => Promise.reject(new Error("from the first file"));
    });`,
  "test/2.test.ts": `
    import { loaded } from "../shared/program";
    test("shares the module, and finds the process as it was", () => {
      expect(loaded.files).toEqual(["1"]);
      expect(process.env["FROM_THE_FIRST_FILE"]).toBeUndefined();
      expect(process.listenerCount("SIGHUP")).toBe(0);
      expect(process.cwd()).not.toBe("/");
      expect(Date.now()).toBeGreaterThan(0);
      expect(String(globalThis.fetch)).not.toContain("from the first file");
    });
    test("knows the line of an error", () => {
      expect(new Error("here").stack).toContain("2.test.ts:12:");
    });`,
  "test/3.test.ts": `
    import { loaded } from "../shared/program";
    jest.mock("../shared/program", () => ({ loaded: "a mock" }));
    test("has modules of its own, for it mocks some", () => {
      expect(loaded).toBe("a mock");
    });`,
};

test("files of one worker share modules, put the process back, and may still mock", () => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { transform } = require(join(ROOT, "jest.config.js")) as { transform: Record<string, [string, object]> };
  const [pattern = "", [transformer, options] = ["", {}]] = Object.entries(transform)[0] ?? [];
  const configuration = {
    rootDir: folder,
    cacheDirectory: join(folder, "cache"),
    testEnvironment: join(ROOT, "test/support/jest/environment.cjs"),
    runtime: join(ROOT, "test/support/jest/runtime.cjs"),
    transform: { [pattern]: [require.resolve(transformer), options] },
  };
  writeFileSync(join(folder, "sequence.js"), SEQUENCE);
  const jest = [require.resolve("jest/bin/jest"), "--runInBand", "--config", JSON.stringify(configuration)];
  const order = ["--testSequencer", join(folder, "sequence.js")];
  const { stderr, status } = spawnSync(process.execPath, [...jest, ...order], { cwd: folder, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining("4 passed, 4 total") });
});

const SEQUENCE = `
  const { default: Sequencer } = require(${JSON.stringify(require.resolve("@jest/test-sequencer"))});
  module.exports = class extends Sequencer { sort(tests) { return [...tests].sort((a, b) => (a.path < b.path ? -1 : 1)); } };`;
