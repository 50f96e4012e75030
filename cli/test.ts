import { UserError } from "../sandbox/user-error";
import { runTestGroups, type TestGroup, testGroups } from "./shared/test-groups";

/** What needs neither a cluster nor a server: what to run while working. */
const QUICK = ["typecheck", "lint", "unit", "golden", "policy"];

const HELP = `Usage: npm test [-- GROUP ...]

Everything that CI checks, in this order; with GROUPs only these:
${testGroups.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join("\n")}
  ${"quick".padEnd(10)} the first of these: ${QUICK.join(", ")}

Ends with the line "N passed, N failed, N skipped". The type check and the lint count as one test each.
`;

export async function test(args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(HELP);
    return 0;
  }
  const groups =
    args.length === 0 ? testGroups : args.flatMap((name) => (name === "quick" ? QUICK : [name])).map(groupNamed);
  const total = await runTestGroups(groups, (text) => process.stdout.write(text));
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
}

function groupNamed(name: string): TestGroup {
  const group = testGroups.find((each) => each.name === name);
  if (group !== undefined) return group;
  throw new UserError(
    `There is no test group ${name}. Groups: ${testGroups.map((each) => each.name).join(", ")}, quick.`,
  );
}
