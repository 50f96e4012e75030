import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArguments } from "./shared/command-arguments";
import { generatedPages, ROOT } from "./shared/generated-pages";

const HELP = `npm run docs

Brings the pages that are made from the program up to date: the reference of all settings, the tables of policy rules
and exceptions, what is real on the real node, and the pictures of the platform. \`npm test\` fails while one of them is
out of date.
`;

/** `npm run docs`. Returns the exit code. */
export async function docs(args: string[]): Promise<number> {
  const { values } = parseArguments({ args, options: { help: { type: "boolean", short: "h" } } }, HELP);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  for (const [file, text] of Object.entries(await generatedPages())) {
    const path = join(ROOT, file);
    const current = existsSync(path) && readFileSync(path, "utf8") === text;
    if (!current) {
      writeFileSync(path, text);
    }
    process.stdout.write(`${file}: ${current ? "is up to date" : "written"}\n`);
  }
  return 0;
}
