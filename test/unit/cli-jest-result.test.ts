import { jestOutcome, unexcusedSkips } from "../../cli/shared/jest-result";

const ROOT = "/checkout";

const result = (fields: object) =>
  JSON.stringify({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numRuntimeErrorTestSuites: 0,
    testResults: [],
    ...fields,
  });

test("adds up what Jest counted", () => {
  const counts = {
    numPassedTests: 5,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    numRuntimeErrorTestSuites: 1,
  };
  expect(jestOutcome(1, result(counts), ROOT).counts).toEqual({ passed: 5, failed: 2, skipped: 3 });
});

test.each([
  ["no test was found", 0, result({}), "It found no test."],
  ["Jest failed although no test did", 1, result({ numPassedTests: 3 }), /exit code 1/],
  ["Jest crashed", 134, undefined, /exit code 134/],
])("it counts as a failure when %s", (_, code, file, reason) => {
  const { counts, failures } = jestOutcome(code, file, ROOT);
  expect(counts.failed).toBe(1);
  expect(failures).toEqual([{ title: "Jest itself", reason: [expect.stringMatching(reason)] }]);
});

test("a run without a failure tells of none", () => {
  expect(jestOutcome(0, result({ numPassedTests: 3 }), ROOT)).toEqual({
    counts: { passed: 3, failed: 0, skipped: 0 },
    failures: [],
    skips: [],
    durations: [],
  });
});

test("names each failed test and each failed file with the beginning of its message", () => {
  const failed = {
    fullName: "the quota is reported",
    status: "failed",
    failureMessages: [
      "Error: \u001b[2mexpect(\u001b[22mreceived).toBe(expected)\n\nExpected: false\nReceived: true\n    at Object.toBe (a.ts:1:2)",
    ],
  };
  const files = [
    {
      name: `${ROOT}/test/engine/quota.test.ts`,
      message:
        "● the quota …\n\n  ● Test suite failed to run\n\n    ENOTEMPTY: directory not empty\n\n    > 1 | rmSync(folder)\n        | ^\n      at rmSync (b.ts:1:2)\n",
      assertionResults: [{ fullName: "works", status: "passed", failureMessages: [] }, failed],
    },
  ];
  const outcome = jestOutcome(
    1,
    result({ numPassedTests: 1, numFailedTests: 1, numRuntimeErrorTestSuites: 1, testResults: files }),
    ROOT,
  );
  expect(outcome.failures).toEqual([
    {
      title: "test/engine/quota.test.ts › the quota is reported",
      reason: ["Error: expect(received).toBe(expected)", "Expected: false", "Received: true"],
    },
    {
      title: "test/engine/quota.test.ts › Test suite failed to run",
      reason: ["ENOTEMPTY: directory not empty"],
    },
  ]);
});

test("every skipped test is told with what it needs, and in CI only what a machine plainly cannot do is excused", () => {
  const skipped = (fullName: string) => ({ fullName, status: "pending", failureMessages: [] });
  const file = (name: string, ...titles: string[]) => ({
    name: `${ROOT}/test/${name}`,
    message: "",
    assertionResults: titles.map(skipped),
  });
  const testResults = [
    file("servers/sonarqube.test.ts", "a server (needs java) starts", "a server (needs java) stops"),
    file("node/a.test.ts", "pods (needs root: a node mounts (in namespaces)) run"),
    file("unit/b.test.ts", "a forgotten one"),
  ];
  const { skips = [] } = jestOutcome(0, result({ numPassedTests: 1, numPendingTests: 4, testResults }), ROOT);
  expect(skips).toEqual([
    { file: "test/servers/sonarqube.test.ts", tests: 2, reason: "java" },
    { file: "test/node/a.test.ts", tests: 1, reason: expect.stringMatching(/^root: a node mounts/) },
    { file: "test/unit/b.test.ts", tests: 1, reason: "no reason is given" },
  ]);
  expect(unexcusedSkips(skips).map(({ title }) => title)).toEqual([
    "test/servers/sonarqube.test.ts › 2 skipped",
    "test/unit/b.test.ts › 1 skipped",
  ]);
});
