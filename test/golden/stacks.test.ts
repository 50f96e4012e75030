import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { renderStack } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";
import { manifestFiles } from "../../stacks/render/yaml";

/**
 * The objects of every stack as files, so that a pull request shows what it does to each environment.
 * `npm run golden` writes them anew.
 */
const ROOT = resolve(__dirname, "../..");
const UPDATE = process.env["UPDATE_GOLDEN"] === "true";

async function rendered(stack: string): Promise<Record<string, string>> {
  return manifestFiles(await renderStack(stack));
}

function golden(directory: string): Record<string, string> {
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

describe.each(stackNames(ROOT))("stack %s", (stack) => {
  const directory = join(__dirname, stack);

  test("renders exactly the objects of its golden files", async () => {
    const actual = await rendered(stack);
    if (UPDATE) {
      rmSync(directory, { recursive: true, force: true });
      for (const [path, text] of Object.entries(actual)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
    }
    expect(actual).toEqual(golden(directory));
  });

  test("renders the same bytes a second time", async () => {
    expect(await rendered(stack)).toEqual(await rendered(stack));
  });

  test("shows no value of a Secret", async () => {
    for (const { kind, metadata, ...fields } of await renderStack(stack)) {
      if (kind === "Secret") {
        const values = Object.values({ ...(fields["data"] as object), ...(fields["stringData"] as object) });
        expect({ name: metadata.name, values: [...new Set(values)] }).toEqual({
          name: metadata.name,
          values: ["[secret]"],
        });
      }
    }
  });
});
