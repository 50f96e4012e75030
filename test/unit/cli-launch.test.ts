import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** A checkout with the real launcher, one command of the test's own, and an `npm` that only notes its calls. */
let checkout: string;

const ROOT = resolve(__dirname, "../..");
const LOCKFILE = {
  packages: {
    "": {},
    "node_modules/needed": { version: "1.0.0" },
    "node_modules/for-another-system": { version: "1.0.0", optional: true },
  },
};

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "platform-launch-"));
  mkdirSync(join(checkout, "cli"));
  cpSync(join(ROOT, "cli/launch.mjs"), join(checkout, "cli/launch.mjs"));
  cpSync(join(ROOT, "loader"), join(checkout, "loader"), { recursive: true });
  write("package.json", { engines: { node: ">=20.19" } });
  write("package-lock.json", LOCKFILE);
  install("1.0.0");
  const npm = join(checkout, "npm");
  writeFileSync(npm, `#!/bin/sh\necho "$@" > "${checkout}/npm-was-called"\nexit "$(cat ${checkout}/npm-exit-code)"\n`);
  chmodSync(npm, 0o755);
});
afterEach(() => rmSync(checkout, { recursive: true }));

function write(name: string, content: unknown): void {
  writeFileSync(join(checkout, name), JSON.stringify(content));
}

function install(version: string): void {
  mkdirSync(join(checkout, "node_modules"), { recursive: true });
  for (const name of ["tsx", "esbuild", "@esbuild", "get-tsconfig", "resolve-pkg-maps"]) {
    const link = join(checkout, "node_modules", name);
    const real = join(ROOT, "node_modules", name);
    if (existsSync(real) && !existsSync(link)) symlinkSync(real, link);
  }
  write("node_modules/.package-lock.json", { packages: { "node_modules/needed": { version } } });
}

function launch(source: string, ...args: string[]) {
  writeFileSync(join(checkout, "cli/render.ts"), source);
  const path = `${checkout}${delimiter}${process.env["PATH"]}`;
  const options = { encoding: "utf8", env: { ...process.env, PATH: path } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, "cli/launch.mjs"), ...args], options);
  return { status, stdout, stderr, installed: existsSync(join(checkout, "npm-was-called")) };
}

const prints = "export async function render(args: string[]) { console.log(args.join()); return 3; }";

test("gives a command its arguments and takes its exit code", () => {
  expect(launch(prints, "render", "--stack", "prod")).toEqual({
    status: 3,
    stdout: "--stack,prod\n",
    stderr: "",
    installed: false,
  });
});

test("all of a long output goes through a pipe, however slowly it is read", () => {
  launch('export async function render() { process.stdout.write("x".repeat(1_000_000)); return 0; }', "render");
  const pipe = `"${process.execPath}" "${join(checkout, "cli/launch.mjs")}" render | (sleep 0.2; wc -c)`;
  expect(spawnSync("sh", ["-c", pipe], { encoding: "utf8" }).stdout.trim()).toBe("1000000");
});

test("a reader that has seen enough is no failure", () => {
  launch('export async function render() { process.stdout.write("x\\n".repeat(1_000_000)); return 0; }', "render");
  const pipe = `"${process.execPath}" "${join(checkout, "cli/launch.mjs")}" render | head -n 1`;
  expect(spawnSync("sh", ["-c", pipe], { encoding: "utf8" })).toMatchObject({ stdout: "x\n", stderr: "" });
});

test("a command that does more than print has failed when its reader goes away before it has ended", () => {
  launch(prints, "render");
  writeFileSync(
    join(checkout, "cli/test.ts"),
    'export async function test() { process.stdout.write("x\\n".repeat(1_000_000)); return 0; }',
  );
  const command = `"${process.execPath}" "${join(checkout, "cli/launch.mjs")}" test`;
  const pipe = `(${command}; echo $? > "${checkout}/code") | head -n 1`;
  expect(spawnSync("sh", ["-c", pipe], { encoding: "utf8" })).toMatchObject({ stdout: "x\n", stderr: "" });
  expect(readFileSync(join(checkout, "code"), "utf8")).toBe("141\n");
});

test("an unknown command is answered with the known ones", () => {
  const { status, stderr } = launch(prints, "rendr");
  expect(status).toBe(2);
  expect(stderr).toMatch(/no command "rendr"[\s\S]*\n {2}render +print every/);
});

test("a failure meant for the user is shown without a stack, a defect with one", () => {
  const failure = launch(
    'export function render() { const e = new Error("set X"); e.name = "UserError"; throw e; }',
    "render",
  );
  expect(failure).toMatchObject({ status: 1, stderr: "error: set X\n" });
  const defect = launch('export function render() { throw new TypeError("x is undefined"); }', "render");
  expect(defect.status).toBe(1);
  expect(defect.stderr).toMatch(/TypeError: x is undefined\n +at render[\s\S]*defect of the program/);
});

test("a defect in what nobody waits for ends the command in the same way", () => {
  const defect = launch(
    'export function render() { void (async () => { throw new TypeError("x is undefined"); })(); return new Promise((done) => setTimeout(done, 1000, 0)); }',
    "render",
  );
  expect(defect.status).toBe(1);
  expect(defect.stderr).toMatch(/^TypeError: x is undefined\n +at .*render\.ts:1[\s\S]*defect of the program/);
});

test("an old Node is refused with the version that is needed", () => {
  write("package.json", { engines: { node: ">=99.1" } });
  expect(launch(prints, "render")).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/Node 99.1 or newer.*nvm/),
  });
});

test("packages are installed when they differ from the lockfile, with npm's output beside the command's", () => {
  writeFileSync(join(checkout, "npm-exit-code"), "0");
  install("0.9.0");
  const { stdout, stderr, installed } = launch(prints, "render", "a");
  expect({ stdout, installed }).toEqual({ stdout: "a\n", installed: true });
  expect(stderr).toContain("Installing the npm packages");
});

test("a failed installation says what to check and does not run the command", () => {
  writeFileSync(join(checkout, "npm-exit-code"), "1");
  install("0.9.0");
  const { status, stdout, stderr } = launch(prints, "render");
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/error: `npm ci` failed.*registry/);
});

test("the folder that will hold keys and state is for its owner only", () => {
  writeFileSync(join(checkout, "npm-exit-code"), "0");
  install("0.9.0");
  launch(prints, "render");
  expect(statSync(join(checkout, ".sandbox")).mode & 0o777).toBe(0o700);
});

test.each([
  ["of a run that was killed", () => String(spawnSync("true").pid)],
  ["that a full disk left empty", () => ""],
])("the lock %s does not keep others from installing, and no lock stays", (_, content) => {
  writeFileSync(join(checkout, "npm-exit-code"), "0");
  install("0.9.0");
  mkdirSync(join(checkout, ".sandbox"));
  writeFileSync(join(checkout, ".sandbox/npm-install.lock"), content());
  expect(launch(prints, "render").installed).toBe(true);
  expect(readdirSync(join(checkout, ".sandbox"))).toEqual([]);
});
