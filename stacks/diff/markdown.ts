import type { ObjectChange } from "./changes";

/** GitHub refuses comments above 65 536 characters. */
export const COMMENT_LIMIT = 64_000;

/** Characters kept for the last line, which counts what does not fit. */
const RESERVE = 200;

const SIGNS = { add: "➕ add", change: "✏️ change", remove: "🗑️ remove" } as const;

/**
 * The comment for a pull request: what the change does to each stack, dangerous things first.
 * Objects that no longer fit below the limit are named without their lines.
 * @param stacks changes by stack
 */
export function diffMarkdown(stacks: Readonly<Record<string, readonly ObjectChange[]>>, limit = COMMENT_LIMIT): string {
  const names = Object.keys(stacks).sort();
  const head = [
    "<!-- platform-diff -->",
    "## What this change does to each stack",
    "",
    "| Stack | Added | Changed | Removed |",
    "|---|---|---|---|",
    ...names.map((name) => `| ${name} | ${counts(stacks[name] ?? []).join(" | ")} |`),
    "",
    ...names.flatMap((name) => dangers(name, stacks[name] ?? [])),
  ].join("\n");
  let text = head;
  let hidden = 0;
  for (const name of names) {
    for (const each of stacks[name] ?? []) {
      const full = details(name, each);
      const short = `- ${name}: ${SIGNS[each.action]} \`${each.object}\` (too long to show here)\n`;
      if (text.length + full.length < limit * 0.9) {
        text += full;
      } else if (text.length + short.length < limit - RESERVE) {
        text += short;
      } else {
        hidden += 1;
      }
    }
  }
  return hidden === 0 ? text : `${text}\n… and ${hidden} more objects, which do not fit here.\n`;
}

function counts(changes: readonly ObjectChange[]): number[] {
  return (["add", "change", "remove"] as const).map(
    (action) => changes.filter((each) => each.action === action).length,
  );
}

function dangers(stack: string, changes: readonly ObjectChange[]): string[] {
  return changes.flatMap(({ danger, object }) =>
    danger === undefined ? [] : [`⚠️ **${stack}**: \`${object}\` ${danger}.`, ""],
  );
}

function details(stack: string, { action, object, lines }: ObjectChange): string {
  // A fence longer than any run of backticks inside, so that no content can end it.
  const longest = Math.max(
    0,
    ...(lines
      .join("\n")
      .match(/`+/g)
      ?.map((run) => run.length) ?? []),
  );
  const fence = "`".repeat(Math.max(3, longest + 1));
  return [
    `<details><summary>${stack}: ${SIGNS[action]} <code>${object}</code></summary>`,
    "",
    `${fence}diff`,
    ...lines,
    fence,
    "",
    "</details>",
    "",
  ].join("\n");
}
