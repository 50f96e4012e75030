import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterTools } from "../../sandbox/cluster/configuration";
import { missingForNode, nodeContents } from "../../sandbox/node";
import { type ProgressSink, terminalProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools";
import { runCommand } from "../../sandbox/tools/command";
import {
  jestOutcome,
  type TestCounts,
  type TestDuration,
  type TestFailure,
  type TestOutcome,
  type TestSkip,
  unexcusedSkips,
} from "./jest-result";

/** A part of `npm test`. */
export interface TestGroup {
  readonly name: string;
  readonly summary: string;
  /** Arguments of Node: a program of node_modules and what it is given. */
  readonly command: readonly string[];
  /** Jest counts its tests; the other programs are one test each. */
  readonly isJest: boolean;
  /** Whether something has to be built first on a new machine; that begins before the first group. */
  readonly needsBuilds?: boolean;
  /** Gets what the tests need and would otherwise get in silence, within the time limit of one test. */
  readonly prepare?: (progress: ProgressSink) => Promise<void>;
}

const root = join(__dirname, "../..");
const TYPES = join(root, "node_modules/.cache/typecheck.tsbuildinfo");
const packageFile = (path: string) => join(root, "node_modules", path);

/** A render makes much that lives for a moment: with more room for it the collector takes a sixth of the time less. */
const NODE_OPTIONS = ["--max-semi-space-size=64"];

function jestGroup(name: string, summary: string, ...options: string[]): TestGroup {
  return {
    name,
    summary,
    command: [...NODE_OPTIONS, packageFile("jest/bin/jest.js"), `test/${name}/`, ...options],
    isJest: true,
  };
}

/** In the order of how soon they find something. */
export const testGroups: readonly TestGroup[] = [
  {
    name: "typecheck",
    summary: "TypeScript's strict check of everything",
    // Only what has changed since the last time is looked at.
    command: [packageFile("typescript/bin/tsc"), "--noEmit", "--incremental", "--tsBuildInfoFile", TYPES],
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
  // Two at a time: a server may take a gigabyte of memory.
  { ...jestGroup("servers", "bootstrap scripts against the real servers", "--maxWorkers=2"), needsBuilds: true },
  // Two at a time, each with a cluster of its own: they mostly wait for the engine and for pods.
  {
    ...jestGroup("engine", "the real engine on an embedded cluster", "--maxWorkers=2"),
    needsBuilds: true,
    prepare: getTools,
  },
  // One at a time: all of them have the servers of the platform running.
  {
    ...jestGroup("node", "the platform's servers in real containers", "--runInBand"),
    needsBuilds: true,
    prepare: getNode,
  },
];

/**
 * Runs the groups one after the other; a failed one does not stop the next. What failed is repeated at the end, where
 * a reader of a long log looks first.
 * @param write takes the text that frames the programs' own output
 */
export async function runTestGroups(groups: readonly TestGroup[], write: (text: string) => void): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), "platform-test-"));
  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures: TestFailure[] = [];
  const skips: TestSkip[] = [];
  const durations: TestDuration[] = [];
  const ended = new AbortController();
  if (groups.some(({ needsBuilds }) => needsBuilds)) void buildMeanwhile(ended.signal);
  try {
    for (const group of groups) {
      write(`\n── ${group.name}: ${group.summary}\n`);
      await prepare(group, write);
      const began = performance.now();
      const { counts, ...outcome } = await runGroup(group, join(folder, `${group.name}.json`));
      const ofGroup = [...outcome.failures, ...(isStrict() ? unexcusedSkips(outcome.skips ?? []) : [])];
      skips.push(...(outcome.skips ?? []));
      durations.push(...(outcome.durations ?? []));
      write(`${group.name}: ${countsText(counts)} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`);
      total.passed += counts.passed;
      total.failed += counts.failed + (ofGroup.length - outcome.failures.length);
      total.skipped += counts.skipped;
      failures.push(...ofGroup.map(({ title, reason }) => ({ title: `${group.name}: ${title}`, reason })));
    }
  } finally {
    ended.abort();
    rmSync(folder, { recursive: true, force: true });
  }
  write(`${slowestText(durations)}${skipsText(skips)}${failuresText(failures)}\n`);
  return total;
}

/** Where nobody looks at what was skipped, a server that is missing is a failure. */
function isStrict(): boolean {
  return !["", "0", "false"].includes(process.env["CI"] ?? "");
}

const LISTED_SLOWEST = 20;

/** The tests that took longest, for whoever wants to make all this faster; empty without any. */
export function slowestText(durations: readonly TestDuration[]): string {
  const slowest = [...durations].sort((a, b) => b.seconds - a.seconds).slice(0, LISTED_SLOWEST);
  const lines = slowest.map(({ title, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${title}`);
  return lines.length === 0 ? "" : ["\n── slowest", ...lines, ""].join("\n");
}

/** Every skipped test with what it needs; empty without any. */
export function skipsText(skips: readonly TestSkip[]): string {
  const lines = skips.map(({ file, tests, reason }) => `${tests} of ${file}: needs ${reason}`);
  return lines.length === 0 ? "" : ["\n── skipped", ...lines, ""].join("\n");
}

/** What builds it, an entry of `loader/build.js`. */
export const BUILDS = "sandbox/prepare";

/** Builds what later groups need, with the lowest priority. What fails is told by the group that needs it. */
async function buildMeanwhile(signal: AbortSignal): Promise<void> {
  const prepare = [process.execPath, join(root, "loader/run.js"), BUILDS];
  await runCommand("nice", ["-n", "19", ...prepare], { directory: root, signal }).catch(() => undefined);
}

/** What cannot be had is told by the tests that need it, or is the reason why they are skipped. */
async function prepare({ name, prepare: get }: TestGroup, write: (text: string) => void): Promise<void> {
  try {
    await get?.(terminalProgress());
  } catch (error) {
    write(`${name}: not everything could be prepared: ${(error as Error).message}\n`);
  }
}

async function getTools(progress: ProgressSink): Promise<void> {
  await ensureTools([...clusterTools, "pulumi"], progress);
}

async function getNode(progress: ProgressSink): Promise<void> {
  await getTools(progress);
  if (missingForNode().length === 0) await nodeContents("sandbox", progress);
}

function countsText({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** More would push the first ones out of sight again. */
const LISTED_FAILURES = 15;

/** The failures as a list; empty without any. */
export function failuresText(failures: readonly TestFailure[]): string {
  if (failures.length === 0) return "";
  const entries = failures
    .slice(0, LISTED_FAILURES)
    .map(({ title, reason }) => [`✗ ${title}`, ...reason.map((line) => `    ${line}`)].join("\n"));
  const more = failures.length - entries.length;
  return ["\n── failed", ...entries, ...(more > 0 ? [`… and ${more} more, see above`] : []), ""].join("\n");
}

async function runGroup(group: TestGroup, resultFile: string): Promise<TestOutcome> {
  const report = group.isJest ? ["--json", "--outputFile", resultFile] : [];
  const code = await run([...group.command, ...report]);
  if (group.isJest) {
    return jestOutcome(code, existsSync(resultFile) ? readFileSync(resultFile, "utf8") : undefined, root);
  }
  if (code === 0) return { counts: { passed: 1, failed: 0, skipped: 0 }, failures: [] };
  const failure = { title: group.summary, reason: [`It ended with exit code ${code}; what it found stands above.`] };
  return { counts: { passed: 0, failed: 1, skipped: 0 }, failures: [failure] };
}

/** Jest prints its JSON on standard output as well, unless it has a file for it; people read its standard error. */
function run(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
