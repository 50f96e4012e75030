import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../sandbox/user-error";
import { compareRenders, type ObjectChange } from "../stacks/diff/changes";
import { changedSecrets } from "../stacks/diff/encrypted-settings";
import { diffMarkdown } from "../stacks/diff/markdown";
import { stackNames } from "../stacks/render/stack-file";
import { parseArguments } from "./shared/command-arguments";

const ROOT = resolve(__dirname, "..");

const HELP = `npm run -s diff -- --base REF [--stack STACK]

Prints, as Markdown for a pull request, what the working tree does to each stack compared with a commit. Both sides are
rendered without a cluster and without the engine; the base is unpacked in a temporary folder and removed again. Values
that are encrypted in a stack file are compared, too, and named when they are others.

  --base REF      commit, branch or tag to compare with, for example origin/main
  --stack STACK   only this stack (default: every stack of either side)
`;

/** `npm run diff`. Returns the exit code; a difference is no failure. */
export async function diff(args: string[]): Promise<number> {
  const { values } = parseArguments(
    {
      args,
      options: { base: { type: "string" }, stack: { type: "string" }, help: { type: "boolean", short: "h" } },
    },
    HELP,
  );
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.base === undefined) {
    throw new UserError(`--base is missing: which commit is to be compared with?\n\n${HELP}`);
  }
  const folder = mkdtempSync(join(tmpdir(), "platform-diff-"));
  const base = join(folder, "base");
  // Otherwise the signal would end this process before it has tidied up. The one that it waits for gets the signal, too.
  let interrupted = false;
  const remember = () => {
    interrupted = true;
  };
  for (const signal of SIGNALS) process.on(signal, remember);
  /** Between the steps, each of which blocks: lets the signal be noted, and ends the work then. */
  const pause = async () => {
    await sleep(1);
    if (interrupted) throw new Error("interrupted");
  };
  try {
    unpack(values.base, folder, base);
    await pause();
    const stacks =
      values.stack === undefined ? [...new Set([...stackNames(ROOT), ...stackNames(base)])] : [values.stack];
    const changes: Record<string, ObjectChange[]> = {};
    for (const stack of stacks) {
      changes[stack] = compareRenders(
        renderTo(join(folder, "before", stack), base, stack),
        renderTo(join(folder, "after", stack), ROOT, stack),
      );
      await pause();
    }
    const encrypted = Object.fromEntries(
      stacks.map((stack) => [stack, changedSecrets(stackFile(base, stack), stackFile(ROOT, stack))]),
    );
    process.stdout.write(diffMarkdown(changes, encrypted));
    return 0;
  } catch (error) {
    if (interrupted || endedBySignal(error)) return INTERRUPTED;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, remember);
    rmSync(folder, { recursive: true, force: true });
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Exit code of a process that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** Whether a process that was waited for has not ended by itself. */
function endedBySignal(error: unknown): boolean {
  return error instanceof Error && "signal" in error && SIGNALS.some((signal) => signal === error.signal);
}

function stackFile(checkout: string, stack: string): string {
  const path = join(checkout, `Pulumi.${stack}.yaml`);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/**
 * Puts the files of the base into a folder; git does not get to know it, so that nothing is left in the repository
 * whatever happens. It gets our packages when its lockfile asks for the same ones.
 */
function unpack(ref: string, scratch: string, folder: string): void {
  try {
    git(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  } catch (error) {
    if (endedBySignal(error)) throw error;
    throw new UserError(`There is no commit "${ref}" here. In a shallow clone fetch it first: git fetch origin ${ref}`);
  }
  const archive = join(scratch, "base.tar");
  git(["archive", "--format=tar", `--output=${archive}`, ref]);
  mkdirSync(folder);
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  const lockfile = (root: string) => readFileSync(join(root, "package-lock.json"), "utf8");
  if (lockfile(folder) === lockfile(ROOT)) {
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  }
}

/** Renders with the code of that checkout, in a process of its own. A stack that it does not have is empty. */
function renderTo(out: string, checkout: string, stack: string): Record<string, string> {
  if (!stackNames(checkout).includes(stack)) {
    return {};
  }
  const command = [join(checkout, "cli/launch.mjs"), "render", "--stack", stack, "--out", out];
  const { status, signal } = spawnSync(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] });
  if (signal !== null) {
    throw Object.assign(new Error(`The render was ended by ${signal}.`), { signal });
  }
  if (status !== 0) {
    const side = checkout === ROOT ? "the working tree" : "the base";
    throw new UserError(`The stack ${stack} of ${side} cannot be rendered; the reason is above.`);
  }
  return Object.fromEntries(
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name))
      .map((path) => [relative(out, path), readFileSync(path, "utf8")]),
  );
}

function git(args: string[]): void {
  execFileSync("git", args, { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
}
