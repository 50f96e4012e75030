import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** What Pulumi's language host does with a TypeScript program before it runs it (`@pulumi/pulumi/cmd/run`). */
const LOADER = `
const { tsnodeRequire, typescriptRequire } = require("@pulumi/pulumi/tsutils").typeScriptRequireStrings();
require(tsnodeRequire).register({
  compiler: typescriptRequire,
  project: "tsconfig.json",
  compilerOptions: { target: "ES2020", module: "nodenext", moduleResolution: "nodenext", sourceMap: "true" },
});
process.stdout.write(typeof require(${JSON.stringify(join(ROOT, "index.ts"))}));
`;

test("a plain `pulumi up` can load the program: its own loader accepts and type-checks it", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", LOADER], { cwd: ROOT, encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: "function", stderr: "" });
});
