import { table } from "../cli/shared/table";
import { WORKS } from "./contestants";
import type { BenchResults, Machine, Measured } from "./results";
import { costPerObject, growthExponent, type Spread } from "./statistics";
import { type BarGroup, barPlot, linePlot, number } from "./svg";

/** What the ratios are about. */
const REFERENCE = "kubectl";

/** The tables that a person reads in the terminal. */
export function reportText(results: BenchResults): string {
  return sections(results)
    .map(({ title, rows }) => `\n${title}\n\n${table(rows)}`)
    .concat(results.left.length === 0 ? [] : [`\nNot measured:\n${results.left.map((each) => `- ${each}\n`).join("")}`])
    .join("");
}

/** The part of docs/performance.md that the bench writes itself. */
export function reportMarkdown(results: BenchResults): string {
  const { machine } = results;
  const parts = [
    `${machineText(machine)}\n`,
    ...sections(results).map(({ title, rows }) => `### ${title}\n\n${markdownTable(rows)}`),
    ...Object.keys(plots(results)).map((file) => `![${file.replace(/\.svg$/, "")}](performance/${file})\n`),
    ...(results.left.length === 0
      ? []
      : [`Not measured:\n\n${results.left.map((each) => `- ${oneLine(each)}`).join("\n")}\n`]),
  ];
  return `\n${parts.join("\n")}`;
}

/** The plots by the names of their files. */
export function plots({ comparison, growth }: BenchResults): Record<string, string> {
  const charts: Record<string, string> = {};
  if (comparison.length > 0) {
    charts["comparison.svg"] = barPlot("The same objects on the same cluster, wall clock", "s", barGroups(comparison));
  }
  for (const work of WORKS) {
    const measured = growth.filter((each) => each.work === work);
    if (measured.length === 0) continue;
    charts[`growth-${work.replaceAll(" ", "-")}.svg`] = linePlot({
      title: `How long "${work}" takes with more objects`,
      xLabel: "objects",
      yLabel: "seconds",
      lines: byContestant(measured).map(([name, entries]) => ({
        name,
        points: entries.map(({ objects, wallSeconds }) => ({ x: objects, y: wallSeconds.median })),
      })),
    });
  }
  return charts;
}

interface Section {
  readonly title: string;
  /** The first one is the heading. */
  readonly rows: readonly (readonly string[])[];
}

function sections({ evaluation, comparison, growth }: BenchResults): Section[] {
  return [
    ...(evaluation.length === 0 ? [] : [{ title: "Evaluation, no cluster", rows: costRows(evaluation, "bundle") }]),
    ...(comparison.length === 0
      ? []
      : [{ title: `The platform, ${comparison[0]?.objects} objects`, rows: costRows(comparison, REFERENCE) }]),
    ...(growth.length === 0 ? [] : [{ title: "Growth", rows: growthRows(growth) }]),
  ];
}

function costRows(measured: readonly Measured[], reference: string): string[][] {
  const heading = ["work", "by", "wall s", "ratio", "CPU s", "ratio", "peak MiB", "runs"];
  return [
    heading,
    ...measured
      .toSorted((a, b) => order(a.work) - order(b.work))
      .map((each) => {
        const other = measured.find(({ work, contestant }) => work === each.work && contestant === reference);
        return [
          each.work,
          each.contestant,
          spreadText(each.wallSeconds),
          ratio(each.wallSeconds, other?.wallSeconds),
          spreadText(each.cpuSeconds),
          ratio(each.cpuSeconds, other?.cpuSeconds),
          each.peakMebibytes === undefined ? "?" : String(Math.round(each.peakMebibytes)),
          String(each.wallSeconds.runs),
        ];
      }),
  ];
}

/** Works of the evaluation stay as they came; those of the comparison have an order. */
function order(work: string): number {
  return (WORKS as readonly string[]).indexOf(work);
}

function growthRows(growth: readonly Measured[]): string[][] {
  const sizes = [...new Set(growth.map(({ objects }) => objects))].sort((a, b) => a - b);
  const heading = ["work", "by", ...sizes.map((size) => `${size} objects, s`), "exponent", "ms an object"];
  return [
    heading,
    ...WORKS.flatMap((work) =>
      byContestant(growth.filter((each) => each.work === work)).map(([name, entries]) => {
        const points = entries.map(({ objects, wallSeconds }) => ({ size: objects, value: wallSeconds.median }));
        const enough = points.length > 1;
        const at = (size: number) => entries.find(({ objects }) => objects === size)?.wallSeconds;
        return [
          work,
          name,
          ...sizes.map((size) => {
            const spread = at(size);
            return spread === undefined ? "–" : spreadText(spread);
          }),
          enough ? growthExponent(points).toFixed(2) : "–",
          enough ? number(costPerObject(points) * 1000) : "–",
        ];
      }),
    ),
  ];
}

function byContestant(measured: readonly Measured[]): [string, Measured[]][] {
  const names = [...new Set(measured.map(({ contestant }) => contestant))];
  return names.map((name) => [
    name,
    measured.filter(({ contestant }) => contestant === name).sort((a, b) => a.objects - b.objects),
  ]);
}

function barGroups(measured: readonly Measured[]): BarGroup[] {
  return WORKS.map((work) => ({
    name: work,
    bars: measured
      .filter((each) => each.work === work)
      .map(({ contestant, wallSeconds: { median, minimum, maximum } }) => ({
        name: contestant,
        value: median,
        from: minimum,
        to: maximum,
      })),
  })).filter(({ bars }) => bars.length > 0);
}

/** `12.3 (11.9–14)`: the median, and the smallest and largest of all runs. */
function spreadText({ median, minimum, maximum, runs }: Spread): string {
  return runs === 1 ? number(median) : `${number(median)} (${number(minimum)}–${number(maximum)})`;
}

function ratio(value: Spread, reference: Spread | undefined): string {
  if (reference === undefined || reference.median === 0) return "–";
  return value === reference ? "1" : (value.median / reference.median).toFixed(2);
}

function machineText({ processors, model, memoryGibibytes, node, system, date, load }: Machine): string {
  const busy = load > 0.5 ? ` **The machine was busy** (load ${number(load)}), so only the ratios say something.` : "";
  return (
    `Measured on ${date}: ${processors} processors (${model}), ${number(memoryGibibytes)} GiB, ${system}, Node ${node}. ` +
    `Medians, with the smallest and largest value in brackets.${busy}`
  );
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...rest] = rows.map((row) => row.map(oneLine));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [line(heading), line(heading.map(() => "---")), ...rest.map(line)].join("");
}

function oneLine(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
}
