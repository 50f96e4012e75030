/** Small plots, written by hand: text that a reviewer can read and git can compare. */

const WIDTH = 720;
const MARGIN = { top: 44, right: 150, bottom: 48, left: 64 };
const COLOURS = ["#0b62a4", "#d1622b", "#3a8f3a", "#8a4fa3", "#7a6a2b"];

export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LinePlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
}

/** Lines over a common horizontal axis; both axes begin at zero. */
export function linePlot({ title, xLabel, yLabel, lines }: LinePlot): string {
  const height = 420;
  const all = lines.flatMap(({ points }) => points);
  const [right, top] = [niceMaximum(all.map(({ x }) => x)), niceMaximum(all.map(({ y }) => y))];
  const plot = { width: WIDTH - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const x = (value: number) => round(MARGIN.left + (plot.width * value) / right);
  const y = (value: number) => round(height - MARGIN.bottom - (plot.height * value) / top);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  return svg(height, title, [
    ...ticks.flatMap((part) => [
      rule(x(0), y(part * top), x(right), y(part * top)),
      text(x(0) - 8, y(part * top) + 4, number(part * top), "end"),
      text(x(part * right), y(0) + 18, number(part * right), "middle"),
    ]),
    text(x(right / 2), height - 10, xLabel, "middle"),
    `<text transform="rotate(-90)" x="${-y(top / 2)}" y="16" text-anchor="middle">${escaped(yLabel)}</text>`,
    ...lines.flatMap(({ name, points }, index) => {
      const colour = colourOf(index);
      const path = points.map((point) => `${x(point.x)},${y(point.y)}`).join(" ");
      const last = points.at(-1);
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3" fill="${colour}"/>`),
        ...(last === undefined ? [] : [text(x(last.x) + 8, y(last.y) + 4, name, "start", colour)]),
      ];
    }),
  ]);
}

export interface BarGroup {
  readonly name: string;
  readonly bars: readonly {
    readonly name: string;
    readonly value: number;
    readonly from: number;
    readonly to: number;
  }[];
}

/** Horizontal bars in groups, each with a whisker from its smallest to its largest value. */
export function barPlot(title: string, unit: string, groups: readonly BarGroup[]): string {
  const bar = 18;
  const gap = 26;
  const rows = groups.reduce((sum, { bars }) => sum + bars.length, 0);
  const height = MARGIN.top + rows * bar + groups.length * gap + MARGIN.bottom;
  const left = 210;
  const right = niceMaximum(groups.flatMap(({ bars }) => bars.map(({ to }) => to)));
  const x = (value: number) => round(left + ((WIDTH - left - 70) * value) / right);
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))];
  let y = MARGIN.top;
  const shapes = groups.flatMap((group) => {
    const title = text(8, y + 14, group.name, "start", "#222", true);
    y += gap;
    return [
      title,
      ...group.bars.flatMap(({ name, value, from, to }) => {
        const middle = y + bar / 2;
        const drawn = [
          text(left - 8, middle + 4, name, "end"),
          `<rect x="${x(0)}" y="${y + 2}" width="${round(x(value) - x(0))}" height="${bar - 4}" fill="${colourOf(names.indexOf(name))}"/>`,
          rule(x(from), middle, x(to), middle, "#222"),
          text(x(Math.max(value, to)) + 6, middle + 4, `${number(value)} ${unit}`, "start"),
        ];
        y += bar;
        return drawn;
      }),
    ];
  });
  return svg(height, title, shapes);
}

function svg(height: number, title: string, shapes: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="24" font-size="15" fill="#222">${escaped(title)}</text>`,
    ...shapes,
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, content: string, anchor: string, colour = "#444", bold = false): string {
  const weight = bold ? ' font-weight="bold"' : "";
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}"${weight}>${escaped(content)}</text>`;
}

function rule(x1: number, y1: number, x2: number, y2: number, colour = "#ddd"): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

/** The end of an axis: the next 1, 2, 4, 5 or 8 times a power of ten, whose quarters are short numbers. */
export function niceMaximum(values: readonly number[]): number {
  const largest = Math.max(0, ...values);
  if (largest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return power * ([1, 2, 4, 5, 8, 10].find((step) => step * power >= largest) as number);
}

/** Three significant digits. */
export function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
