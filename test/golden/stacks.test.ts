import { join, resolve } from "node:path";
import { renderStack } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";
import { manifestFiles } from "../../stacks/render/yaml";
import { renderedStack } from "../support/rendered-stacks";
import { expectGolden } from "./golden-files";

/**
 * The objects of every stack as files, so that a pull request shows what it does to each environment.
 * `npm run golden` writes them anew.
 */
const ROOT = resolve(__dirname, "../..");

async function rendered(stack: string): Promise<Record<string, string>> {
  return manifestFiles(await renderedStack(stack));
}

describe.each(stackNames(ROOT))("stack %s", (stack) => {
  test("renders exactly the objects of its golden files", async () => {
    expectGolden(join(__dirname, stack), await rendered(stack));
  });

  test("renders the same bytes a second time", async () => {
    expect(manifestFiles(await renderStack(stack))).toEqual(await rendered(stack));
  });

  test("shows no value of a Secret", async () => {
    for (const { kind, metadata, ...fields } of await renderedStack(stack)) {
      if (kind === "Secret") {
        const values = Object.values({ ...(fields["data"] as object), ...(fields["stringData"] as object) });
        // Some are empty: a Job in the cluster fills them.
        expect({ name: metadata.name, shown: values.filter((value) => value !== "[secret]") }).toEqual({
          name: metadata.name,
          shown: [],
        });
      }
    }
  });
});
