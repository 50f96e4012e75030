import { describeObject, type Manifest } from "./manifest";
import type { RuleDescription } from "./rule";

/** kube-linter's own convention, so that the real one honours the same exceptions. */
export const EXCEPTION_PREFIX = "ignore-check.kube-linter.io/";
/** kube-linter's switch for all checks at once. The platform does not honour it. */
export const IGNORE_ALL = "kube-linter.io/ignore-all";

/** Shorter texts do not explain anything. Characters. */
const SHORTEST_REASON = 20;

/** One exception, as it stands on an object. */
export interface Exception {
  /** Name of the rule that the object may break. */
  readonly rule: string;
  readonly object: Manifest;
  /** Why, in the words of the annotation. */
  readonly reason: string;
}

/** Rules about the exceptions themselves. They cannot be excepted from. */
export const EXCEPTION_RULES = [
  {
    name: "exception-reason",
    severity: "high",
    scope: "object",
    description: "Every exception says why the object needs it.",
    remediation: `write a reason of several words, ${SHORTEST_REASON} characters at least, into the annotation`,
  },
  {
    name: "unknown-exception",
    severity: "high",
    scope: "object",
    description: "Every exception names a rule that exists; there is none for all rules at once.",
    remediation: `use \`${EXCEPTION_PREFIX}<rule>\` with a name of the rules table`,
  },
  {
    name: "unused-exception",
    severity: "medium",
    scope: "stack",
    description: "Every exception is still needed.",
    remediation: "remove the annotation",
  },
] as const satisfies readonly RuleDescription[];

/** All exceptions that stand on the objects, in the order of the objects, by rule for each. */
export function listExceptions(manifests: readonly Manifest[]): Exception[] {
  return manifests.flatMap((object) =>
    // By key first: the values of other annotations may be unknown in a preview.
    Object.keys(object.metadata.annotations ?? {})
      .filter((key) => key.startsWith(EXCEPTION_PREFIX))
      .map((key) => ({
        rule: key.slice(EXCEPTION_PREFIX.length),
        object,
        reason: object.metadata.annotations?.[key] ?? "",
      }))
      .sort((one, other) => compareText(one.rule, other.rule)),
  );
}

/** Whether the text explains anything. */
export function isReason(text: string): boolean {
  return text.trim().length >= SHORTEST_REASON && /\S\s+\S/.test(text.trim());
}

/** Markdown table of all exceptions, sorted by rule and object. Deterministic. */
export function exceptionsTable(manifests: readonly Manifest[]): string {
  const rows = listExceptions(manifests)
    .map(({ rule, object, reason }) => `| \`${rule}\` | ${cell(describeObject(object))} | ${cell(reason)} |\n`)
    .sort(compareText);
  if (rows.length === 0) return "No object needs an exception.\n";
  return `| Rule | Object | Why |\n|---|---|---|\n${[...new Set(rows)].join("")}`;
}

/** By code unit, so that the order does not depend on the locale of the machine. */
function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();
}
