import { readFileSync } from "node:fs";
import { PAGE, withCurrentTables } from "../../policy/document";

test("docs/policy.md lists the rules as they are; bring it up to date by: node --import tsx policy/document.ts", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(page).toBe(withCurrentTables(page));
});

test("a page without the marks of the generated sections is an error that names them", () => {
  expect(() => withCurrentTables("# Rules\n")).toThrow("<!-- begin generated: rules -->");
});
