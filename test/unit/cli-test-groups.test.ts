import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BUILDS,
  failuresText,
  runTestGroups,
  skipsText,
  slowestText,
  type TestGroup,
  testGroups,
} from "../../cli/shared/test-groups";

test("the groups run from the quickest to the slowest", () => {
  const names = ["typecheck", "lint", "unit", "golden", "policy", "servers", "engine", "node"];
  expect(testGroups.map(({ name }) => name)).toEqual(names);
});

function group(name: string, exitCode: number): TestGroup {
  return { name, summary: `the ${name}`, command: ["-e", `process.exit(${exitCode})`], isJest: false };
}

test("a failed group does not stop the next, and is named again at the very end", async () => {
  let text = "";
  const total = await runTestGroups([group("first", 2), group("second", 0)], (more) => {
    text += more;
  });
  expect(total).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(text).toMatch(
    /second: 1 passed, 0 failed, 0 skipped \(.*\n\n── failed\n✗ first: the first\n {4}.*exit code 2/,
  );
});

test("nothing is said about failures where there are none", () => {
  expect(failuresText([])).toBe("");
});

test("many failures are cut, so that the first ones stay in sight", () => {
  const failures = Array.from({ length: 40 }, (_, index) => ({ title: `test ${index}`, reason: ["why"] }));
  const lines = failuresText(failures).trimEnd().split("\n");
  expect(lines.length).toBeLessThan(80);
  expect(lines).toContain("✗ test 0");
  expect(lines.at(-1)).toBe("… and 25 more, see above");
});

test("what a group needs is got before it runs, and tests run also where it cannot be had", async () => {
  const written: string[] = [];
  const events: string[] = [];
  const group = {
    name: "example",
    summary: "an example",
    command: ["-e", ""],
    isJest: false,
    prepare: async () => {
      events.push(written.join("").includes("an example") ? "prepared after the title" : "prepared");
      throw new Error("no network");
    },
  };
  const counts = await runTestGroups([group], (text) => written.push(text));
  expect(events).toEqual(["prepared after the title"]);
  expect(counts).toEqual({ passed: 1, failed: 0, skipped: 0 });
  expect(written.join("")).toContain("example: not everything could be prepared: no network\n");
});

test("what is built meanwhile is a program that the loader knows, and the groups that wait for it say so", () => {
  const root = join(__dirname, "../..");
  expect(existsSync(join(root, `${BUILDS}.ts`))).toBe(true);
  expect(readFileSync(join(root, "loader/build.js"), "utf8")).toContain(JSON.stringify(BUILDS));
  const waiting = testGroups.filter(({ needsBuilds }) => needsBuilds).map(({ name }) => name);
  expect(waiting).toEqual(["servers", "engine", "node"]);
});

test("the end names the slowest tests, slowest first, and every skip with its reason", () => {
  const durations = Array.from({ length: 25 }, (_, index) => ({ title: `test ${index}`, seconds: index }));
  const lines = slowestText(durations).trim().split("\n");
  expect(lines).toHaveLength(21);
  expect(lines[1]).toMatch(/24\.0 s {2}test 24$/);
  const skips = [{ file: "test/servers/vault.test.ts", tests: 3, reason: "Go, to build Vault" }];
  expect(skipsText(skips)).toContain("3 of test/servers/vault.test.ts: needs Go, to build Vault");
  expect(slowestText([]) + skipsText([])).toBe("");
});
