import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const UPDATE = process.env["UPDATE_GOLDEN"] === "true";

/**
 * Expects the files of a directory to be exactly these. `npm run golden` writes them anew instead.
 * @param files content by path below the directory
 */
export function expectGolden(directory: string, files: Readonly<Record<string, string>>): void {
  if (UPDATE) {
    rmSync(directory, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
  }
  expect(files).toEqual(filesBelow(directory));
}

function filesBelow(directory: string): Record<string, string> {
  const files = existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
    : [];
  return Object.fromEntries(
    files.map((each) => {
      const path = join(each.parentPath, each.name);
      return [relative(directory, path), readFileSync(path, "utf8")];
    }),
  );
}
