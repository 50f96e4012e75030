import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { exceptionsTable } from "../../policy/exceptions";
import { notAdoptedTable, rulesTable } from "../../policy/registry";
import { truthTable } from "../../sandbox/node/truth-table";
import { stackNetwork } from "../../stacks/graph";
import { mermaidGraph, namespacesOf } from "../../stacks/graph/mermaid";
import { renderStack } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";
import { settingsReference } from "../../stacks/settings/reference";

export const ROOT = resolve(__dirname, "../..");

/** What is made from the program inside pages that people write: file → section → content. */
const sections: Readonly<Record<string, Readonly<Record<string, () => string | Promise<string>>>>> = {
  "README.md": { picture: overview },
  "docs/real-node.md": { "truth table": truthTable },
  "docs/policy.md": { rules: rulesTable, "not adopted": notAdoptedTable, exceptions: allExceptions },
};

/** Every page of the documentation that is made from the program, in part or as a whole: file → text as it has to be. */
export async function generatedPages(): Promise<Record<string, string>> {
  const pages: Record<string, string> = {
    "docs/settings.md": settingsReference(),
    "docs/connections.md": await connectionsPage(),
  };
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

/** The stack whose connections are drawn: what dev leaves out to be small belongs to the platform. */
const DRAWN_STACK = "prod";

async function overview(): Promise<string> {
  return picture(mermaidGraph(await stackNetwork(DRAWN_STACK), "namespaces"));
}

async function connectionsPage(): Promise<string> {
  const network = await stackNetwork(DRAWN_STACK);
  const chapters = namespacesOf(network).map(
    (namespace) => `## ${namespace}\n\n${picture(mermaidGraph(network, { namespace }))}`,
  );
  const introduction = `# Who may talk to whom?

Every arrow is a connection that a component declares, with its ports. The network policies are made from the same
declarations: what is not drawn is refused, except asking DNS. Boxes are workloads and Jobs, in one picture per namespace
of the stack \`${DRAWN_STACK}\`; other namespaces are one box each, and what is outside the platform is rounded. How they
hang together as a whole is drawn in the [README](../README.md).

\`npm run -s graph -- --stack STACK --namespace NAME\` draws one of any stack. This page is made by \`npm run docs\`.
`;
  return [introduction, ...chapters].join("\n");
}

function picture(graph: string): string {
  return `\`\`\`mermaid\n${graph}\`\`\`\n`;
}

async function allExceptions(): Promise<string> {
  const stacks = stackNames(ROOT);
  const manifests = [];
  for (const stack of stacks) {
    manifests.push(...(await renderStack(stack)));
  }
  return exceptionsTable(manifests);
}
