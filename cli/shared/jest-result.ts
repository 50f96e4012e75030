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
  /** @default none */
  readonly skips?: readonly TestSkip[];
  /** Every test that ran. @default none */
  readonly durations?: readonly TestDuration[];
}

/** Tests of one file that were skipped for one reason. */
export interface TestSkip {
  readonly file: string;
  readonly tests: number;
  /** What the tests need, as their titles say it (`test/support/requirements.ts`). */
  readonly reason: string;
}

export interface TestDuration {
  readonly title: string;
  readonly seconds: number;
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
    /** Milliseconds. */
    readonly duration?: number | null;
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
  const skips = result.testResults.flatMap((file) => skipsOf(file, relative(root, file.name)));
  const durations = result.testResults.flatMap((file) => durationsOf(file, relative(root, file.name)));
  if (failed > 0) return { counts: { passed: result.numPassedTests, failed, skipped }, failures, skips, durations };
  const failedAnyway = code !== 0 || found === 0;
  const counts = { passed: result.numPassedTests, failed: failedAnyway ? 1 : 0, skipped };
  const failure = found === 0 ? { ...crash, reason: ["It found no test."] } : crash;
  return { counts, failures: failedAnyway ? [failure] : [], skips, durations };
}

/** At the end of a title, or of that of the `describe` around it. */
const NEEDS = /\(needs (.+?)\)(?= |$)/;

function skipsOf({ assertionResults }: JestFile, file: string): TestSkip[] {
  const tests = new Map<string, number>();
  for (const { status, fullName } of assertionResults) {
    if (status !== "pending" && status !== "todo") continue;
    const reason = NEEDS.exec(fullName)?.[1] ?? "no reason is given";
    tests.set(reason, (tests.get(reason) ?? 0) + 1);
  }
  return [...tests].map(([reason, count]) => ({ file, tests: count, reason }));
}

function durationsOf({ assertionResults }: JestFile, file: string): TestDuration[] {
  return assertionResults.flatMap(({ fullName, duration }) =>
    duration ? [{ title: `${file} › ${fullName}`, seconds: duration / 1000 }] : [],
  );
}

/** What a machine plainly cannot do, or what only repeats a check of our own. Anything else has to be there in CI. */
const EXCUSED = [/^Linux\b/, /\bon Linux only\b/, /\bneeds root\b/, /^root\b/, /^the device /, /^kube-linter\b/];

/** Skipped tests that CI must not pass over, as failures: a server that should be there and is not. */
export function unexcusedSkips(skips: readonly TestSkip[]): TestFailure[] {
  return skips
    .filter(({ reason }) => !EXCUSED.some((each) => each.test(reason)))
    .map(({ file, tests, reason }) => ({
      title: `${file} › ${tests} skipped`,
      reason: [`They need ${reason}, and CI is set: what should be there is not.`],
    }));
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
