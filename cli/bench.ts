import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../sandbox/user-error";
import { misuse, parseArguments } from "./shared/command-arguments";

const ROOT = resolve(__dirname, "..");
const PAGE = "docs/performance.md";
const PARTS = ["evaluation", "comparison", "growth"] as const;
type Part = (typeof PARTS)[number];

const HELP = `Usage: npm run bench -- [options]

Measures how long the platform takes, and the same objects with kubectl and helm, on an embedded cluster of its own that
is gone afterwards. Prints tables; see docs/performance.md for the method. Have nothing else run on the machine: all parts
take an hour or more.

  --only PART       ${PARTS.join(", ")}; may be given several times (default: all)
  --runs N          how often each work is done (default: 5; growth: 1)
  --growth          the same as --only growth
  --providers KIND  builtin or official; may be given several times (default: builtin, and official where the plugins
                    are installed)
  --json FILE       write the results as JSON as well; - is standard output, the tables go to standard error then
  --write           put the tables and plots into docs/performance.md and docs/performance/
  -h, --help        this text
`;

/** `npm run bench`. Returns the exit code; what could not be measured makes it 1. */
export async function bench(args: string[]): Promise<number> {
  const { values } = parseArguments(
    {
      args,
      options: {
        only: { type: "string", multiple: true },
        growth: { type: "boolean" },
        runs: { type: "string" },
        providers: { type: "string", multiple: true },
        json: { type: "string" },
        write: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    },
    HELP,
  );
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const asked = [...(values.only ?? []), ...(values.growth ? ["growth"] : [])];
  const parts = asked.length === 0 ? PARTS : asked.map(partNamed);
  const runs = values.runs === undefined ? undefined : wholeNumber(values.runs);
  const providers = values.providers?.map(providerNamed);

  // Not for a command that only shows its help.
  const { runBench } = require("../bench") as typeof import("../bench");
  const { plots, reportMarkdown, reportText } = require("../bench/report") as typeof import("../bench/report");
  const results = await runBench({ parts, ...(runs !== undefined && { runs }), ...(providers && { providers }) });
  (values.json === "-" ? process.stderr : process.stdout).write(reportText(results));
  if (values.json !== undefined) {
    const text = `${JSON.stringify(results, null, 2)}\n`;
    if (values.json === "-") process.stdout.write(text);
    else writeFileSync(values.json, text);
  }
  if (values.write) {
    const { withSection } = require("./shared/generated-pages") as typeof import("./shared/generated-pages");
    mkdirSync(join(ROOT, "docs/performance"), { recursive: true });
    for (const [file, svg] of Object.entries(plots(results))) {
      writeFileSync(join(ROOT, "docs/performance", file), svg);
    }
    const page = readFileSync(join(ROOT, PAGE), "utf8");
    writeFileSync(join(ROOT, PAGE), withSection(page, "results", reportMarkdown(results), PAGE));
  }
  return results.left.length === 0 ? 0 : 1;
}

function partNamed(name: string): Part {
  const part = PARTS.find((each) => each === name);
  if (part === undefined) throw misuse(`--only takes ${PARTS.join(", ")}, not ${JSON.stringify(name)}.`, HELP);
  return part;
}

function providerNamed(name: string): "builtin" | "official" {
  if (name === "builtin" || name === "official") return name;
  throw misuse(`--providers takes builtin and official, not ${JSON.stringify(name)}.`, HELP);
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new UserError(`--runs takes a whole number from 1 to 99, not ${JSON.stringify(text)}.`);
}
