import type { PropertyChange } from "../../sandbox/engine/property-changes";
import type { RunResult } from "../../sandbox/engine/run";
import type { ChangeCounts, ChangeKind, ResourceChange } from "../../sandbox/engine/run-record";

/** Longer values are cut, so that a change stays on one line. */
const VALUE_WIDTH = 60;

/** Replacements and deletions stand out, because they are what loses data. */
const marks: Partial<Record<ChangeKind, string>> = {
  create: "+ create ",
  update: "~ update ",
  import: "= import ",
  replace: "± REPLACE",
  delete: "- DELETE ",
};

const order: readonly ChangeKind[] = ["create", "update", "import", "replace", "delete"];

/** Number of resources that differ from what they were. */
export function changedCount(counts: ChangeCounts): number {
  return order.reduce((sum, kind) => sum + counts[kind], 0);
}

/** "3 to create, 1 to replace, 20 unchanged" for a preview, "3 created, …" afterwards. */
export function countsLine(counts: ChangeCounts, planned: boolean): string {
  const done: Partial<Record<ChangeKind, string>> = {
    create: "created",
    update: "updated",
    import: "imported",
    replace: "replaced",
    delete: "deleted",
  };
  const parts = order
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${planned ? `to ${kind}` : done[kind]}`);
  if (parts.length === 0) parts.push("0 changes");
  const unchanged = counts.same + counts.read;
  if (unchanged > 0) parts.push(`${unchanged} unchanged`);
  return parts.join(", ");
}

/**
 * The changed resources, one per line, with their changed properties below.
 * @param withValues show each property's value before and after
 */
export function changeLines(changes: readonly ResourceChange[], withValues: boolean): string[] {
  return order.flatMap((kind) =>
    changes
      .filter((change) => change.kind === kind)
      .flatMap((change) => [
        `${marks[kind]} ${change.label}`,
        ...(kind === "update" || kind === "replace"
          ? change.properties.map((property) => `      ${propertyLine(property, withValues)}`)
          : []),
      ]),
  );
}

/** The whole report of a run: changes, warnings, counts. */
export function runReport(result: RunResult, options: { planned: boolean; withValues: boolean }): string {
  return [
    ...changeLines(result.changes, options.withValues),
    ...result.warnings.map((warning) => `warning: ${warning}`),
    `${countsLine(result.counts, options.planned)} (${result.durationSeconds.toFixed(1)} s)`,
    "",
  ].join("\n");
}

/** The changes and counts of a run for other programs; unchanged resources are only counted. */
export function runJson(result: RunResult): string {
  const changes = result.changes.filter(({ kind }) => order.includes(kind));
  const { counts, warnings, durationSeconds } = result;
  return `${JSON.stringify({ counts, changes, warnings, durationSeconds }, null, 2)}\n`;
}

function propertyLine(property: PropertyChange, withValues: boolean): string {
  const replacement = property.forcesReplacement ? "  (forces the replacement)" : "";
  if (!withValues) return `${property.path}${replacement}`;
  const values = {
    add: `+ ${shown(property.after)}`,
    delete: `- ${shown(property.before)}`,
    update: `${shown(property.before)} → ${shown(property.after)}`,
  };
  return `${property.path}: ${values[property.kind]}${replacement}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "(none)";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const line = text.replaceAll("\n", "↵");
  return line.length > VALUE_WIDTH ? `${line.slice(0, VALUE_WIDTH - 1)}…` : line;
}
