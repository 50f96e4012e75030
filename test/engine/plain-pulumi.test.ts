import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { recordStack } from "../../stacks/render";
import { runHosted } from "../support/language-host";

const ROOT = resolve(__dirname, "../..");

/** Far more than a run takes (350), and far less than Node 20 takes for one error with the frames of a source map (3,300). */
const GENEROUS_MEBIBYTES = 900;

const nonsense = { "platform:harbor": JSON.stringify({ nonsense: 1 }) };

test("plain `pulumi` runs the whole program, without its own type check and transpiler", async () => {
  const run = await runHosted({ stack: "dev" });
  expect(run).toMatchObject({ exitCode: 0, errors: [], printed: "" });
  const offline = (await recordStack("dev")).map(({ type, name }) => `${type} ${name}`);
  expect([...run.registered].sort()).toEqual(offline.sort());
  expect(Object.keys(run.outputs).sort()).toEqual(["certificateAuthority", "credentials", "readme", "urls"]);
  // It would be in the state, and differ in every checkout and after every edit.
  expect(run.positions.filter((uri) => !uri.includes("/node_modules/@pulumi/"))).toEqual([]);
  expect(run.peakMebibytes).toBeLessThan(GENEROUS_MEBIBYTES);
});

test.each(["", "tsx"])(
  "refused settings are told at once, by their message alone (PLATFORM_LOADER=%s)",
  async (loader) => {
    const environment = { PLATFORM_LOADER: loader };
    const run = await runHosted({ stack: "dev", configuration: nonsense, environment });
    expect(run).toMatchObject({ exitCode: 32, printed: "", registered: ["pulumi:pulumi:Stack platform-dev"] });
    expect(run.errors).toEqual([expect.stringMatching(/^The settings of stack "dev" have 1 problem\.[\s\S]*nonsense/)]);
    expect(run.errors[0]).not.toMatch(/^ +at /m);
    expect(run.peakMebibytes).toBeLessThan(GENEROUS_MEBIBYTES);
  },
);

test("an API server that cannot be reached ends the run, which would else end well and show nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "platform-unreachable-"));
  const KUBECONFIG = join(folder, "kubeconfig");
  const cluster = { server: "https://127.0.0.1:9" };
  const contexts = [{ name: "platform-dev", context: { cluster: "gone" } }];
  writeFileSync(KUBECONFIG, JSON.stringify({ clusters: [{ name: "gone", cluster }], contexts }));
  const run = await runHosted({ stack: "dev", environment: { KUBECONFIG } });
  expect(run).toMatchObject({ exitCode: 32, registered: ["pulumi:pulumi:Stack platform-dev"] });
  expect(run.errors).toEqual([
    expect.stringMatching(/^The API server https:\/\/127\.0\.0\.1:9 \(context "platform-dev"\)/),
  ]);
  rmSync(folder, { recursive: true });
});

describe("a program that fails", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "platform-hosted-"));
    for (const path of ["loader", "package.json", "Pulumi.yaml", "tsconfig.json", "stacks/program-failures.ts"]) {
      cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    }
    mkdirSync(join(folder, "cli"));
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a program of these lines; the first one is line 5 of its file. */
  function run(...lines: string[]) {
    const program = [
      'import { output, ResourceError, RunError } from "@pulumi/pulumi";',
      'import { withReadableFailures } from "./stacks/program-failures";',
      "void [output, ResourceError, RunError];",
      "export = () => withReadableFailures(async () => {",
      ...lines,
      "});",
    ];
    writeFileSync(join(folder, "index.ts"), program.join("\n"));
    return runHosted({ stack: "dev", folder });
  }

  /** What the user reads of an error that was thrown in the line. */
  const defect = (line: number) => [
    expect.stringMatching(
      new RegExp(`^TypeError: too bad\\n(?:.*\\n)*.*index\\.ts:${line}:(?:.*\\n)*.*This is a defect`),
    ),
  ];

  test("is shown with the lines of its sources, and as a defect", async () => {
    const result = await run('  throw new TypeError("too bad");');
    expect(result.exitCode).toBe(32);
    expect(result.errors).toEqual(defect(5));
  });

  test.each([
    ["what nobody waits for", '  output(1).apply(() => { throw new TypeError("too bad"); });'],
    ["an output of the stack", '  return { it: output(1).apply(() => { throw new TypeError("too bad"); }) };'],
  ])("in an Output is shown in the same way: %s", async (_, line) => {
    const result = await run(line);
    expect(result.exitCode).not.toBe(0);
    expect(result.errors).toEqual(defect(5));
  });

  test("with an error for its users shows the message only, in an Output as well", async () => {
    const direct = await run('  throw new RunError("set X");');
    expect(direct.errors).toEqual(["set X"]);
    const later = await run(
      '  output(1).apply(() => { throw Object.assign(new Error("set Y"), { name: "UserError" }); });',
    );
    expect(later.errors).toEqual(["set Y"]);
  });

  test("shows no values that an error carries along", async () => {
    const result = await run(
      '  throw Object.assign(new Error("bad URL"), { input: "https://user:hunter2@example.org" });',
    );
    expect(result.errors.join()).toContain("bad URL");
    expect(result.errors.join() + result.printed).not.toContain("hunter2");
  });

  test("to pass a type check runs all the same: the types are checked elsewhere", async () => {
    const result = await run("  const text: string = 1;", "  return { text };");
    expect(result).toMatchObject({ exitCode: 0, errors: [], outputs: { text: 1 } });
  });
});
