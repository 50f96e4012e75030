/** What stack files may hold, and what the Pulumi CLI 3.246.0 makes of it. */
const scalars: readonly (readonly [yaml: string, value: unknown])[] = [
  ["010", 8],
  ["0o10", 8],
  ["0O17", 15],
  ["-010", -8],
  ["-0o7", -7],
  ["019", 19],
  ["08", 8],
  ["00", 0],
  ["0x10", 16],
  ["0XFF", 255],
  ["0b11", 3],
  ["-0b11", -3],
  ["1_000", 1000],
  ["1_0.5", 10.5],
  ["_1", "_1"],
  ["1_", 1],
  ["+5", 5],
  ["-0", 0],
  ["1.50", 1.5],
  [".5", 0.5],
  ["+.5", 0.5],
  ["5.", 5],
  ["1e3", 1000],
  ["5e-324", 5e-324],
  ["12345678901234567890", 12345678901234567000],
  ["yes", "yes"],
  ["on", "on"],
  ["N", "N"],
  ["True", true],
  ["TRUE", true],
  ["tRUE", "tRUE"],
  ["NULL", null],
  ["nUll", "nUll"],
  ["~", null],
  ['""', ""],
  ["1:30", "1:30"],
  ["12:30:45", "12:30:45"],
  ["=", "="],
  ["2026-01-01", "2026-01-01 00:00:00 +0000 UTC"],
  ["2026-1-1", "2026-01-01 00:00:00 +0000 UTC"],
  ["2026-01-01T10:00:00Z", "2026-01-01 10:00:00 +0000 UTC"],
  ["2026-01-01 10:00:00", "2026-01-01 10:00:00 +0000 UTC"],
  ["2026-02-30", "2026-02-30"],
  ['"2026-01-01"', "2026-01-01"],
  ['"010"', "010"],
  ["[010, yes, 1_0]", [8, "yes", 10]],
];

/** The samples as one setting of a stack file, with an anchor, an alias and a merge. */
export const stackText = `x: &base
  a: 1
  b: 2
config:
  platform:scalars:
${scalars.map(([yaml], index) => `    s${index}: ${yaml}`).join("\n")}
  platform:alias: *base
  platform:merged:
    <<: *base
    b: 010
  platform:top: 010
  platform:text: "010"
`;

/** What the CLI tells the program of it, by key; objects are read from its JSON. */
export const configuration: Readonly<Record<string, unknown>> = {
  "platform:scalars": Object.fromEntries(scalars.map(([, value], index) => [`s${index}`, value])),
  "platform:alias": { a: 1, b: 2 },
  "platform:merged": { a: 1, b: 8 },
  "platform:top": "8",
  "platform:text": "010",
};
