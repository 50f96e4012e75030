import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { UserError } from "../sandbox/user-error";
import { compareRenders, type ObjectChange } from "../stacks/diff/changes";
import { diffMarkdown } from "../stacks/diff/markdown";
import { stackNames } from "../stacks/render/stack-file";
import { parseArguments } from "./shared/command-arguments";

const ROOT = resolve(__dirname, "..");

const HELP = `npm run -s diff -- --base REF [--stack STACK]

Prints, as Markdown for a pull request, what the working tree does to each stack compared with a commit. Both sides are
rendered without a cluster and without the engine; the base is checked out beside the working tree and removed again.

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
  try {
    checkOut(values.base, base);
    const stacks =
      values.stack === undefined ? [...new Set([...stackNames(ROOT), ...stackNames(base)])] : [values.stack];
    const changes: Record<string, ObjectChange[]> = {};
    for (const stack of stacks) {
      changes[stack] = compareRenders(
        renderTo(join(folder, "before", stack), base, stack),
        renderTo(join(folder, "after", stack), ROOT, stack),
      );
    }
    process.stdout.write(diffMarkdown(changes));
  } finally {
    git(["worktree", "remove", "--force", base], true);
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

/** Puts the base beside the working tree. It gets our packages when its lockfile asks for the same ones. */
function checkOut(ref: string, folder: string): void {
  try {
    git(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  } catch {
    throw new UserError(`There is no commit "${ref}" here. In a shallow clone fetch it first: git fetch origin ${ref}`);
  }
  git(["worktree", "add", "--quiet", "--detach", folder, ref]);
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
  const { status } = spawnSync(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] });
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

function git(args: string[], mayFail = false): void {
  try {
    execFileSync("git", args, { cwd: ROOT, stdio: ["ignore", "ignore", mayFail ? "ignore" : "pipe"] });
  } catch (error) {
    if (!mayFail) {
      throw error;
    }
  }
}
