import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Something that failed, as it is repeated at the end of all tests. */
export interface TestFailure {
  /** The test file and the test, or what else failed. */
  readonly title: string;
  /** The beginning of its message; the whole message stands where it failed. */
  readonly reason: readonly string[];
}

/** What a program that runs tests came to. */
export interface TestOutcome {
  readonly counts: TestCounts;
  readonly failures: readonly TestFailure[];
}

/** The part of Jest's result file that is used. */
interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly JestFile[];
}

interface JestFile {
  /** Absolute path. */
  readonly name: string;
  /** Everything that Jest printed about the file's failures. */
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

/** What Jest prints above a failure that belongs to no test of the file: it does not load, a last hook failed. */
const FILE_FAILED = "Test suite failed to run";
/** Enough for what was expected and what came. */
const REASON_LINES = 4;
const REASON_WIDTH = 200;

/**
 * Adds up a Jest run. A run that failed without a failed test (a file that does not load, no test found, a crash)
 * counts as a failure, so that nothing can pass by not running.
 * @param code exit code of Jest
 * @param resultFile its result as JSON; undefined when it did not write one
 * @param root folder that the files are named from
 */
export function jestOutcome(code: number, resultFile: string | undefined, root: string): TestOutcome {
  const crash = { title: "Jest itself", reason: [`It ended with exit code ${code}; its own words stand above.`] };
  if (resultFile === undefined) return { counts: { passed: 0, failed: 1, skipped: 0 }, failures: [crash] };
  const result = JSON.parse(resultFile) as JestResult;
  const skipped = result.numPendingTests + result.numTodoTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const found = failed + result.numPassedTests + skipped;
  const failures = result.testResults.flatMap((file) => failuresOf(file, relative(root, file.name)));
  if (failed > 0) return { counts: { passed: result.numPassedTests, failed, skipped }, failures };
  const failedAnyway = code !== 0 || found === 0;
  const counts = { passed: result.numPassedTests, failed: failedAnyway ? 1 : 0, skipped };
  return { counts, failures: failedAnyway ? [found === 0 ? { ...crash, reason: ["It found no test."] } : crash] : [] };
}

function failuresOf({ assertionResults, message }: JestFile, path: string): TestFailure[] {
  const tests = assertionResults
    .filter(({ status }) => status === "failed")
    .map(({ fullName, failureMessages }) => ({
      title: `${path} › ${fullName}`,
      reason: reasonIn(failureMessages[0] ?? ""),
    }));
  const [, ofFile] = message.split(FILE_FAILED);
  return ofFile === undefined ? tests : [...tests, { title: `${path} › ${FILE_FAILED}`, reason: reasonIn(ofFile) }];
}

/** A line of the source that Jest shows around a failure, or of the call stack. */
const PLACE = /^(at |>? ?\d* ?\|)/;

/** The first lines of a message, without colours, empty lines and where in the source it came about. */
function reasonIn(message: string): string[] {
  return stripVTControlCharacters(message)
    .split("\n")
    .map((line) => line.trim().slice(0, REASON_WIDTH))
    .filter((line) => line !== "" && !PLACE.test(line))
    .slice(0, REASON_LINES);
}
