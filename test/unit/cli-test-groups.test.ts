import { failuresText, runTestGroups, type TestGroup, testGroups } from "../../cli/shared/test-groups";

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
