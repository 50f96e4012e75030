import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generatedPages, ROOT, withSection } from "../../cli/shared/generated-pages";

test("the pages made from the program are up to date; `npm run docs` writes them", async () => {
  const pages = await generatedPages();
  const onDisk = Object.fromEntries(Object.keys(pages).map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
  expect(onDisk).toEqual(pages);
});

test("a page without the marks of a section is an error that names them", () => {
  expect(() => withSection("# Rules\n", "rules", "", "docs/policy.md")).toThrow("<!-- begin generated: rules -->");
});
