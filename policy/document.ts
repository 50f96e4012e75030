import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { notAdoptedTable, rulesTable } from "./registry";

/** The page about the rules, the generated parts included. Absolute path. */
export const PAGE = resolve(__dirname, "..", "docs", "policy.md");

const SECTIONS: Readonly<Record<string, () => string>> = { rules: rulesTable, "not adopted": notAdoptedTable };

/**
 * The page with its generated sections as the registry has them now.
 * @throws Error if the page has lost the comments that mark a section
 */
export function withCurrentTables(page: string): string {
  return Object.entries(SECTIONS).reduce((text, [section, table]) => {
    const [begin, end] = [`<!-- begin generated: ${section} -->`, `<!-- end generated: ${section} -->`];
    const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
    if (start < 0 || stop < start)
      throw new Error(`docs/policy.md must hold the lines "${begin}" and "${end}", in this order`);
    return `${text.slice(0, start + begin.length)}\n${table()}${text.slice(stop)}`;
  }, page);
}

// Run by itself it brings the page up to date.
if (require.main === module) writeFileSync(PAGE, withCurrentTables(readFileSync(PAGE, "utf8")));
