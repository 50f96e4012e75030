import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exceptionsTable } from "../../policy/exceptions";
import { notAdoptedTable, rulesTable } from "../../policy/registry";
import { truthTable } from "../../sandbox/node/truth-table";
import { stackNetwork } from "../../stacks/graph";
import { mermaidGraph } from "../../stacks/graph/mermaid";
import { renderStack } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";
import { settingsReference } from "../../stacks/settings/reference";

export const ROOT = resolve(__dirname, "../..");

/** What is made from the program inside pages that people write: file → section → content. */
const sections: Readonly<Record<string, Readonly<Record<string, () => string | Promise<string>>>>> = {
  "README.md": { picture: () => picture("prod") },
  "docs/real-node.md": { "truth table": truthTable },
  "docs/policy.md": { rules: rulesTable, "not adopted": notAdoptedTable, exceptions: allExceptions },
};

/** Every page of the documentation that is made from the program, in part or as a whole: file → text as it has to be. */
export async function generatedPages(): Promise<Record<string, string>> {
  const pages: Record<string, string> = { "docs/settings.md": settingsReference() };
  for (const [file, parts] of Object.entries(sections)) {
    let text = readFileSync(join(ROOT, file), "utf8");
    for (const [section, content] of Object.entries(parts)) {
      text = withSection(text, section, await content(), file);
    }
    pages[file] = text;
  }
  return pages;
}

/**
 * The page with the content between the marks of the section.
 * @throws Error when the page has lost the marks
 */
export function withSection(page: string, section: string, content: string, file: string): string {
  const [begin, end] = [`<!-- begin generated: ${section} -->`, `<!-- end generated: ${section} -->`];
  const [start, stop] = [page.indexOf(begin), page.indexOf(end)];
  if (start < 0 || stop < start) {
    throw new Error(`${file} must hold the lines "${begin}" and "${end}", in this order.`);
  }
  return `${page.slice(0, start + begin.length)}\n${content}${page.slice(stop)}`;
}

async function picture(stack: string): Promise<string> {
  return `\`\`\`mermaid\n${mermaidGraph(await stackNetwork(stack))}\`\`\`\n`;
}

async function allExceptions(): Promise<string> {
  const stacks = stackNames(ROOT);
  const manifests = [];
  for (const stack of stacks) {
    manifests.push(...(await renderStack(stack)));
  }
  return exceptionsTable(manifests);
}
