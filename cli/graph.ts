import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { stackNetwork } from "../stacks/graph";
import { mermaidGraph } from "../stacks/graph/mermaid";

const HELP = `npm run -s graph [-- --stack STACK] [-- --write]

Prints which pods of a stack may talk to whom, as a Mermaid flowchart: the declared connections, from which the network
policies are made as well. No cluster is asked.

  --stack STACK   default: dev
  --write         put the picture of the stack prod into README.md instead
`;

const MARKS = { begin: "<!-- graph:begin -->", end: "<!-- graph:end -->" };
const README = join(resolve(__dirname, ".."), "README.md");

/** `npm run graph`. Returns the exit code. */
export async function graph(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { stack: { type: "string" }, write: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.write) {
    writeFileSync(README, withPicture(readFileSync(README, "utf8"), await picture("prod")));
  } else {
    process.stdout.write(await picture(values.stack ?? "dev"));
  }
  return 0;
}

async function picture(stack: string): Promise<string> {
  return mermaidGraph(await stackNetwork(stack));
}

/** The text with the picture between its marks. */
export function withPicture(text: string, picture: string): string {
  const begin = text.indexOf(MARKS.begin);
  const end = text.indexOf(MARKS.end);
  if (begin < 0 || end < begin) {
    throw new Error(`README.md has lost its marks ${MARKS.begin} and ${MARKS.end}, between which the picture belongs.`);
  }
  return `${text.slice(0, begin + MARKS.begin.length)}\n\n\`\`\`mermaid\n${picture}\`\`\`\n\n${text.slice(end)}`;
}
