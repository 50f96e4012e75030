import type { ObjectChange } from "./changes";

/** GitHub refuses comments above 65 536 characters; bytes are never fewer than characters. */
export const COMMENT_LIMIT = 64_000;

/** Characters kept for the last line, which counts what does not fit. */
const RESERVE = 200;

const SIGNS = { add: "➕ add", change: "✏️ change", remove: "🗑️ remove" } as const;

/** Share of the space that warnings may take, and that objects with all their lines may fill. */
const DANGERS = 0.3;
const DETAILS = 0.9;

/**
 * The comment for a pull request: what the change does to each stack, dangerous things first.
 * Objects that no longer fit below the limit are named without their lines.
 * @param stacks changes by stack
 * @param encrypted names of the settings whose encrypted value is another one, by stack
 * @param limit bytes
 */
export function diffMarkdown(
  stacks: Readonly<Record<string, readonly ObjectChange[]>>,
  encrypted: Readonly<Record<string, readonly string[]>> = {},
  limit = COMMENT_LIMIT,
): string {
  const names = Object.keys(stacks).sort();
  const head = [
    "<!-- platform-diff -->",
    "## What this change does to each stack",
    "",
    "| Stack | Added | Changed | Removed |",
    "|---|---|---|---|",
    ...names.map((name) => `| ${name} | ${counts(stacks[name] ?? []).join(" | ")} |`),
    "",
    "",
  ].join("\n");
  const notes = [
    ...names.flatMap((name) => dangers(name, stacks[name] ?? [])),
    ...names.flatMap((name) => (encrypted[name] ?? []).map((setting) => encryptedNote(name, setting))),
  ];
  const { text: noted, left } = fill(head, notes, limit * DANGERS);
  let text = left === 0 ? noted : `${noted}⚠️ … and ${left} more warnings, which do not fit here.\n\n`;
  let hidden = 0;
  for (const name of names) {
    for (const each of stacks[name] ?? []) {
      const full = details(name, each);
      const short = `- ${name}: ${SIGNS[each.action]} \`${each.object}\` (too long to show here)\n`;
      if (size(text) + size(full) < limit * DETAILS) {
        text += full;
      } else if (size(text) + size(short) < limit - RESERVE) {
        text += short;
      } else {
        hidden += 1;
      }
    }
  }
  return hidden === 0 ? text : `${text}\n… and ${hidden} more objects, which do not fit here.\n`;
}

/** Appends what fits, in order, and counts the rest. */
function fill(head: string, notes: readonly string[], limit: number): { readonly text: string; readonly left: number } {
  let text = head;
  for (const [index, note] of notes.entries()) {
    if (size(text) + size(note) > limit) {
      return { text, left: notes.length - index };
    }
    text += note;
  }
  return { text, left: 0 };
}

function size(text: string): number {
  return Buffer.byteLength(text);
}

function encryptedNote(stack: string, setting: string): string {
  return `🔒 **${stack}**: the encrypted value of \`${setting}\` is another one; what it is cannot be shown.\n\n`;
}

function counts(changes: readonly ObjectChange[]): number[] {
  return (["add", "change", "remove"] as const).map(
    (action) => changes.filter((each) => each.action === action).length,
  );
}

function dangers(stack: string, changes: readonly ObjectChange[]): string[] {
  return changes.flatMap(({ danger, object }) =>
    danger === undefined ? [] : [`⚠️ **${stack}**: \`${object}\` ${danger}.\n\n`],
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
    "", // without an empty line after it, the list that follows would belong to the HTML
    "",
  ].join("\n");
}
