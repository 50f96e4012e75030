import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentProgress } from "../../sandbox/progress";
import { ensureTools, MissingToolsError } from "../../sandbox/tools";
import { isGoNewEnough } from "../../sandbox/tools/go-build";
import { versionIn } from "../../sandbox/tools/path-lookup";

let root: string;
let bin: string;
let cache: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "platform-tools-"));
  bin = join(root, "bin");
  cache = join(root, "cache");
  mkdirSync(bin);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Puts a program on the test's PATH. /bin is there for the shell that runs it. */
function program(directory: string, name: string, script: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: bin, PLATFORM_TOOLS_DIR: cache, PLATFORM_TOOLS_DOWNLOAD: "never" };
}

async function failureOf(promise: Promise<unknown>): Promise<MissingToolsError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MissingToolsError) return error;
  throw new Error(`expected a MissingToolsError, got ${String(error)}`);
}

test("takes a program from PATH when its version fits", async () => {
  const path = program(bin, "etcd", "echo 'etcd Version: 3.6.5'");
  expect(await ensureTools(["etcd"], silentProgress, { environment: environment() })).toEqual({ etcd: path });
});

test("takes a program from the cache without running anything", async () => {
  const path = program(join(cache, "etcd-3.6.5"), "etcd", "exit 1");
  program(bin, "etcd", `touch ${join(root, "was-run")}; echo 3.6.5`);
  expect(await ensureTools(["etcd"], silentProgress, { environment: environment() })).toEqual({ etcd: path });
  expect(existsSync(join(root, "was-run"))).toBe(false);
});

test("does not take a program of another version, or a folder of that name", async () => {
  program(bin, "kubectl", "echo 'Client Version: v1.32.4-dispatcher'");
  mkdirSync(join(bin, "etcd"));
  const error = await failureOf(ensureTools(["kubectl", "etcd"], silentProgress, { environment: environment() }));
  expect(error.message).toMatch(/kubectl is 1\.32\.4-dispatcher, needed is within one minor version of 1\.34/);
  expect(error.message).toMatch(/etcd 3\.6\.5\n.*on PATH: +not there/);
});

test("without Go, names the three ways for each tool and what to do", async () => {
  const error = await failureOf(ensureTools(["pulumi", "kwok"], silentProgress, { environment: environment() }));
  expect(error.failures.map(({ tool }) => tool.name)).toEqual(["pulumi", "kwok"]);
  expect(error.message).toMatch(/on PATH: +not there/);
  expect(error.message).toMatch(/official download: +switched off by PLATFORM_TOOLS_DOWNLOAD=never/);
  expect(error.message).toMatch(/built from source: +Go 1\.26 or newer is needed, and there is no go on PATH/);
  expect(error.message).toMatch(/install Go 1\.26 or newer/);
  expect(error.message).toMatch(/get\.pulumi\.com/);
  expect(error.message).toContain(cache);
});

test("an old Go is told apart from no Go", async () => {
  program(bin, "go", "echo go1.20.1");
  const error = await failureOf(ensureTools(["kwok"], silentProgress, { environment: environment() }));
  expect(error.message).toMatch(/bin\/go is go1\.20\.1/);
});

/** A Go that knows its version and the packages, and "builds" a script per package into the folder after -o. */
function fakeGo(build: string): void {
  const script = `case "$1" in
  env) echo go1.26.0;;
  list) echo "go: downloading a/module v1" >&2; echo one; echo two;;
  build) echo "$PWD $GOFLAGS $GOWORK $*" >> ${join(root, "builds")}; ${build};;
esac`;
  program(bin, "go", script);
}
const BUILD_BOTH = `while [ "$1" != -o ]; do shift; done
    for name in kwok kwokctl; do echo '#!/bin/sh' > "$2/$name"; done`;

test("builds all missing programs of a module in one go, into the cache", async () => {
  fakeGo(BUILD_BOTH);
  const steps: string[] = [];
  const progress = { ...silentProgress, step: (message: string) => steps.push(message) };
  const found = await ensureTools(["kwok", "kwokctl"], progress, { environment: environment() });

  expect(found.kwok).toBe(join(cache, "kwok-0.7.0", "kwok"));
  expect(existsSync(found.kwokctl)).toBe(true);
  expect(readLines("builds")).toHaveLength(1);
  expect(readLines("builds")[0]).toMatch(/tools\/kwok -buildvcs=false off build -v -mod=readonly -trimpath /);
  expect(steps).toContainEqual(
    expect.stringMatching(/tool 1, 2 of 2 \(kwok, kwokctl\): downloading the sources, 1 Go modules/),
  );
});

test("two callers at the same time build once", async () => {
  fakeGo(BUILD_BOTH);
  await Promise.all([1, 2].map(() => ensureTools(["kwok", "kwokctl"], silentProgress, { environment: environment() })));
  expect(readLines("builds")).toHaveLength(1);
});

test("a failed build leaves nothing behind and reports the end of Go's output", async () => {
  fakeGo("echo 'no space left on device' >&2; exit 1");
  const error = await failureOf(ensureTools(["kwok"], silentProgress, { environment: environment() }));
  expect(error.message).toMatch(/go build failed in tools\/kwok: no space left on device/);
  expect(existsSync(join(cache, "kwok-0.7.0", "kwok"))).toBe(false);
  expect(readdirSync(cache)).toEqual([]);
});

function readLines(name: string): string[] {
  return readFileSync(join(root, name), "utf8").trim().split("\n");
}

test.each([
  ["v3.246.0", "3.246.0"],
  ["etcd Version: 3.6.5\nGit SHA: 1a2b3c4", "3.6.5"],
  ["kwok version v0.7.0 go1.26.8 (linux/amd64)", "0.7.0"],
  ["Kubernetes v1.34.4", "1.34.4"],
  ["Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", "1.32.4-dispatcher"],
  ["command not found", undefined],
])("reads the version in %j", (text, version) => {
  expect(versionIn(text)).toBe(version);
});

test.each([
  ["go1.26.0", true],
  ["go1.27rc1", true],
  ["go2.0", true],
  ["go1.25.9", false],
  ["devel", false],
])("Go %s is new enough: %s", (version, expected) => {
  expect(isGoNewEnough(version)).toBe(expected);
});
