import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const LOADER = join(ROOT, "loader/load.js");

/** A checkout with modules of the test's own; its processes load them as the commands are loaded. */
let checkout: string;

beforeEach(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), "platform-loader-")));
  mkdirSync(join(checkout, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules")).filter((each) => !each.startsWith("."))) {
    symlinkSync(join(ROOT, "node_modules", name), join(checkout, "node_modules", name));
  }
  write("package.json", "{}");
  write(
    "cli/render.ts",
    'import { name } from "./shared/name";\nexport const render = (): string => "hello " + name;\n',
  );
  write("cli/shared/name.ts", 'export const name: string = "world";\n');
});
afterEach(() => rmSync(checkout, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(checkout, path)), { recursive: true });
  writeFileSync(join(checkout, path), content);
}

/** What a process prints that loads a module of the checkout and calls what it exports. */
function run(entry = "cli/render", environment: NodeJS.ProcessEnv = {}) {
  const program = `
    require(${JSON.stringify(LOADER)}).load("${entry}", { root: ${JSON.stringify(checkout)} }).then(
      async (module) => console.log(await Object.values(module)[0]()),
      (error) => { console.error(error.stack); process.exitCode = 1; },
    );`;
  const env = { ...process.env, ...environment };
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8", env });
  return { stdout: stdout.trim(), stderr, status };
}

const cache = () => join(checkout, "node_modules/.cache/platform");
const kept = () => (existsSync(cache()) ? readdirSync(cache()) : []);
const files = () => kept().flatMap((key) => readdirSync(join(cache(), key)).map((file) => join(cache(), key, file)));

test("a module is bundled once, and the second run takes what the first one built", () => {
  expect(run()).toEqual({ stdout: "hello world", stderr: "", status: 0 });
  const built = files().map((file) => [file, readFileSync(file).toString("base64")]);
  expect(built.length).toBe(3); // the bundle, its map, and V8's code of this use
  expect(run().stdout).toBe("hello world");
  expect(files().map((file) => [file, readFileSync(file).toString("base64")])).toEqual(built);
});

test.each<[string, () => void]>([
  ["a changed file", () => write("cli/shared/name.ts", 'export const name = "there";')],
  [
    "a file with the same size and time",
    () => {
      const file = join(checkout, "cli/shared/name.ts");
      writeFileSync(file, readFileSync(file, "utf8").replace("world", "there"));
      spawnSync("touch", ["-r", join(checkout, "cli/render.ts"), file]);
    },
  ],
  [
    "a new file that takes the place of another",
    () => {
      write("cli/shared/name.ts", 'export { name } from "./other";');
      write("cli/shared/other/index.ts", 'export const name = "world";');
      expect(run().stdout).toBe("hello world");
      write("cli/shared/other.ts", 'export const name = "there";');
    },
  ],
])("%s is seen by the next run", (_, change) => {
  run();
  change();
  expect(run().stdout).toBe("hello there");
});

test("bundles of earlier sources are found again, and the oldest ones are removed", () => {
  const name = (number: number) => write("cli/shared/name.ts", `export const name = "${number}";`);
  for (const number of [1, 2, 1]) {
    name(number);
    expect(run().stdout).toBe(`hello ${number}`);
  }
  expect(kept().length).toBe(2);
  const { keepBuild } = require("../../loader/store") as { keepBuild(root: string, key: string, build: object): void };
  for (let number = 0; number < 20; number++) keepBuild(checkout, `key-${number}`, { code: "", map: "" });
  expect(kept().length).toBeLessThan(10);
  expect(kept()).toContain("key-19");
});

test.each<[string, (file: string) => void]>([
  ["cut off", (file) => truncateSync(file, 40)],
  ["empty", (file) => truncateSync(file, 0)],
  [
    "changed",
    (file) =>
      writeFileSync(
        file,
        readFileSync(file).map((byte, index) => (index === 100 ? byte ^ 1 : byte)),
      ),
  ],
  [
    "folders",
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
])("a cache whose files are %s is made anew", (_, damage) => {
  run();
  expect(files().length).toBe(3);
  for (const file of files()) damage(file);
  expect(run()).toEqual({ stdout: "hello world", stderr: "", status: 0 });
});

test("where nothing can be written, every run builds for itself", () => {
  write("node_modules/.cache", "not a folder");
  expect(run()).toEqual({ stdout: "hello world", stderr: "", status: 0 });
});

test("several runs build the same at once", async () => {
  const program = `require(${JSON.stringify(LOADER)}).load("cli/render", { root: ${JSON.stringify(checkout)} }).then((m) => console.log(m.render()))`;
  const one = `"${process.execPath}" -e '${program}'`;
  const { stdout } = spawnSync("sh", ["-c", [...Array(4).fill(one), "wait"].join(" & ")], { encoding: "utf8" });
  expect(stdout).toBe("hello world\n".repeat(4));
  expect(run().stdout).toBe("hello world");
});

test("a module finds the files beside it", () => {
  write(
    "components/data/script.ts",
    'import { readFileSync } from "node:fs";\nexport const text = () => readFileSync(__dirname + "/scripts/x.sql", "utf8") + __filename;',
  );
  write("components/data/scripts/x.sql", "SELECT 1;");
  write("cli/graph.ts", 'export { text } from "../components/data/script";');
  expect(run("cli/graph").stdout).toBe(`SELECT 1;${join(checkout, "components/data/script.ts")}`);
});

test("a stack trace names the lines of the sources", () => {
  write(
    "cli/shared/name.ts",
    "/* a comment\n   of two lines */\ninterface Nothing {}\nexport function fail(): never {\n  throw new TypeError('too bad');\n}\n",
  );
  write(
    "cli/render.ts",
    'import { fail } from "./shared/name";\nexport async function render(): Promise<void> {\n  fail();\n}\n',
  );
  for (let attempt = 0; attempt < 2; attempt++) {
    const { stderr } = run();
    expect(stderr).toContain(`TypeError: too bad\n    at fail (${join(checkout, "cli/shared/name.ts")}:5:9)`);
    expect(stderr).toContain(`${join(checkout, "cli/render.ts")}:3:3`);
  }
});

test("a package that is loaded late is found in every run", () => {
  write(
    "cli/render.ts",
    'export async function render() { return (await import("@kubernetes/client-node")).KubeConfig.name; }',
  );
  for (let attempt = 0; attempt < 2; attempt++) {
    expect(run()).toEqual({ stdout: "KubeConfig", stderr: "", status: 0 });
  }
});

test("a checkout that moved, or another one with equal sources, has its own paths in stack traces and modules", () => {
  write(
    "cli/render.ts",
    "export async function render() {\n  if (process.env.FAIL) throw new Error(__filename);\n  return 1;\n}\n",
  );
  run();
  run();
  const former = checkout;
  checkout = `${former}-moved`;
  renameSync(former, checkout);
  const { stderr } = run("cli/render", { FAIL: "1" });
  expect(stderr).toContain(`Error: ${join(checkout, "cli/render.ts")}\n`);
  expect(stderr).toContain(`render (${join(checkout, "cli/render.ts")}:2:`);
  expect(stderr).not.toContain(`${former}/`);
});

test("a source that cannot be understood is named with line and column", () => {
  write("cli/shared/name.ts", "export const name = ;\n");
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining("cli/shared/name.ts:1:20: ERROR") });
});

test("PLATFORM_LOADER=tsx loads each module from its own file, without a bundle", () => {
  expect(run("cli/render", { PLATFORM_LOADER: "tsx" }).stdout).toBe("hello world");
  expect(kept()).toEqual([]);
});

test("a package that is needed only by some modules is not loaded for the others", () => {
  write(
    "cli/graph.ts",
    'import "@pulumi/pulumi";\nexport const loaded = () => Object.keys(require.cache).filter((file) => /typescript|arborist/.test(file)).length;',
  );
  expect(run("cli/graph").stdout).toBe("0");
});
