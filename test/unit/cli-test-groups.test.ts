import { jestCounts, testGroups } from "../../cli/shared/test-groups";

const result = (counts: object) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
    ...counts,
  });

test("adds up what Jest counted", () => {
  const counts = {
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    numRuntimeErrorTestSuites: 1,
  };
  expect(jestCounts(1, result(counts))).toEqual({ passed: 5, failed: 2, skipped: 3 });
});

test.each([
  ["no test was found", 0, result({})],
  ["Jest failed although no test did", 1, result({ numPassedTests: 3 })],
  ["Jest crashed", 134, undefined],
])("it counts as a failure when %s", (_, code, file) => {
  expect(jestCounts(code, file).failed).toBe(1);
});

test("the groups run from the quickest to the slowest", () => {
  expect(testGroups.map(({ name }) => name)).toEqual(["typecheck", "lint", "unit", "golden", "policy", "engine"]);
});
