import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A part of `npm test`. */
export interface TestGroup {
  readonly name: string;
  readonly summary: string;
  /** Arguments of Node: a program of node_modules and what it is given. */
  readonly command: readonly string[];
  /** Jest counts its tests; the other programs are one test each. */
  readonly isJest: boolean;
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(__dirname, "../..");
const packageFile = (path: string) => join(root, "node_modules", path);

function jestGroup(name: string, summary: string, ...options: string[]): TestGroup {
  return {
    name,
    summary,
    command: [packageFile("jest/bin/jest.js"), `test/${name}/`, ...options],
    isJest: true,
  };
}

/** In the order of how soon they find something. */
export const testGroups: readonly TestGroup[] = [
  {
    name: "typecheck",
    summary: "TypeScript's strict check of everything",
    command: [packageFile("typescript/bin/tsc"), "--noEmit"],
    isJest: false,
  },
  {
    name: "lint",
    summary: "Biome's rules and format",
    command: [packageFile("@biomejs/biome/bin/biome"), "check", "."],
    isJest: false,
  },
  jestGroup("unit", "builders, settings, contracts, commands"),
  jestGroup("golden", "the rendered objects of each stack are the recorded ones"),
  jestGroup("policy", "every rule against every object of every stack"),
  // Two at a time, each with a cluster of its own: they mostly wait for the engine and for pods.
  jestGroup("engine", "the real engine on an embedded cluster", "--maxWorkers=2"),
];

/**
 * Runs the groups one after the other; a failed one does not stop the next.
 * @param write takes the text that frames the programs' own output
 */
export async function runTestGroups(groups: readonly TestGroup[], write: (text: string) => void): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), "platform-test-"));
  const total = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const group of groups) {
      write(`\n── ${group.name}: ${group.summary}\n`);
      const began = performance.now();
      const counts = await runGroup(group, join(folder, `${group.name}.json`));
      write(`${group.name}: ${countsText(counts)} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  write("\n");
  return total;
}

function countsText({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

async function runGroup(group: TestGroup, resultFile: string): Promise<TestCounts> {
  const report = group.isJest ? ["--json", "--outputFile", resultFile] : [];
  const code = await run([...group.command, ...report]);
  if (!group.isJest) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  return jestCounts(code, existsSync(resultFile) ? readFileSync(resultFile, "utf8") : undefined);
}

/** The part of Jest's result file that counts. */
interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * Adds up a Jest run. A run that failed without a failed test (a file that does not load, no test found, a crash)
 * counts as a failure, so that nothing can pass by not running.
 * @param code exit code of Jest
 * @param resultFile its result as JSON; undefined when it did not write one
 */
export function jestCounts(code: number, resultFile: string | undefined): TestCounts {
  if (resultFile === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(resultFile) as JestResult;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const found = failed + result.numPassedTests + result.numPendingTests + result.numTodoTests;
  const failedAnyway = failed === 0 && (code !== 0 || found === 0);
  return {
    passed: result.numPassedTests,
    failed: failedAnyway ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** Jest prints its JSON on standard output as well, unless it has a file for it; people read its standard error. */
function run(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
