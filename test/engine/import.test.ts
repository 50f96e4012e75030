import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImportedObject } from "../../sandbox/engine/import-object";
import { PlatformRun } from "./platform-support";

/** As far as the tests look at it. */
interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly parent?: string;
  readonly dependencies?: string[];
  readonly propertyDependencies?: Record<string, string[]>;
}

let platform: PlatformRun;
beforeEach(async () => {
  platform = await PlatformRun.start();
});
afterEach(() => platform.remove());

function isObject({ type }: Resource): boolean {
  return type.startsWith("kubernetes:");
}

/** Loses every Kubernetes object from the state, as somebody does who keeps the data of a stack and destroys it. */
function forgetObjects(stack: string): Resource[] {
  const folder = join(platform.sandbox, "state/.pulumi/stacks/platform");
  const file = join(folder, readdirSync(folder).find((name) => name === `${stack}.json`) ?? "");
  const state = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: { resources: Resource[] } } };
  const { latest } = state.checkpoint;
  const lost = latest.resources.filter(isObject);
  const gone = new Set(lost.map(({ urn }) => urn));
  const remaining = (urns: string[] = []) => urns.filter((urn) => !gone.has(urn));
  latest.resources = latest.resources
    .filter((each) => !isObject(each))
    .map((each) => ({
      ...each,
      dependencies: remaining(each.dependencies),
      propertyDependencies: Object.fromEntries(
        Object.entries(each.propertyDependencies ?? {}).map(([key, urns]) => [key, remaining(urns)]),
      ),
    }));
  writeFileSync(file, JSON.stringify(state));
  return lost;
}

test.each(["dev", "prod"])(
  "every object of the stack %s can be lost from the state and imported again, and nothing is replaced then",
  async (stack) => {
    await platform.run("up", stack);
    const lost = forgetObjects(stack);
    expect(lost.length).toBeGreaterThan(300);
    const objects = lost.map(
      ({ urn, type, id = "" }): ImportedObject => ({ type, name: urn.split("::").slice(3).join("::"), id }),
    );
    await platform.run("import", stack, { import: objects });
    const preview = await platform.run("preview", stack);
    const changes = preview.changes.filter(({ kind }) => kind !== "same" && kind !== "read");
    expect(changes.map(({ kind, label, properties }) => [kind, label, properties.map(({ path }) => path)])).toEqual([]);
    expect((await platform.run("up", stack)).counts).toMatchObject({ create: 0, replace: 0, delete: 0 });
  },
);
