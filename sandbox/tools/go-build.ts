import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ProgressSink } from "../progress";
import { builtFileName } from "./catalogue";
import { runCommand } from "./command";
import { firstExecutable } from "./path-lookup";

const MINIMUM_GO = { major: 1, minor: 26 };

/** Where the pinned go.mod files are. */
const MODULES_DIRECTORY = resolve(__dirname, "../../tools");

/** A program that can be built from pinned sources. */
export interface GoProgram {
  /** Folder of `tools/` whose go.mod pins the sources. */
  readonly module: string;
  /** Go import path of the main package. */
  readonly package: string;
}

export interface GoBuild<Program extends GoProgram> {
  /** All of one module. */
  readonly tools: readonly [Program, ...Program[]];
  /** What the linker is told, e.g. to leave debugging information out and which version it is. */
  readonly linkerFlags: string;
  /** The place of a finished tool. */
  readonly target: (tool: Program) => string;
  /** On the same file system as the targets, so that a finished program appears there at once and whole. */
  readonly stagingParent: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: ProgressSink;
  /** Put in front of every progress message. */
  readonly label: string;
}

/**
 * Builds the tools from the sources that the module pins. An interrupted build loses nothing: Go keeps the packages
 * it has compiled, and the next build goes on from there.
 * @throws when Go is missing or too old, or the build fails
 */
export async function buildWithGo<Program extends GoProgram>(build: GoBuild<Program>): Promise<void> {
  const module = build.tools[0].module;
  const directory = join(MODULES_DIRECTORY, module);
  const environment = goEnvironment(build.environment);
  const go = await findGo(directory, environment);
  const packages = build.tools.map((tool) => tool.package);

  const total = await countPackages(go, packages, directory, environment, build);
  removeStagingLeftBehind(build.stagingParent, module);
  const staging = join(build.stagingParent, `${stagingPrefix(module)}${process.pid}`);
  mkdirSync(staging, { recursive: true });
  try {
    let compiled = 0;
    build.progress.step(`${build.label}: building with Go`);
    const result = await runCommand(
      go,
      ["build", "-v", "-mod=readonly", "-trimpath", `-ldflags=${build.linkerFlags}`, "-o", `${staging}/`, ...packages],
      {
        directory,
        environment,
        onLine: (line) => {
          if (line.startsWith("go: ")) return;
          compiled += 1;
          // Packages that Go compiled earlier are not listed again, hence "at most".
          build.progress.step(`${build.label}: building with Go, ${compiled} of at most ${total} packages compiled`);
        },
      },
    );
    if (result.code !== 0) throw new Error(`go build failed in tools/${module}: ${lastLines(result.stderr)}`);
    for (const tool of build.tools) {
      const target = build.target(tool);
      mkdirSync(dirname(target), { recursive: true });
      chmodSync(join(staging, builtFileName(tool)), 0o755);
      renameSync(join(staging, builtFileName(tool)), target);
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Settings of the user that would change what is built are overruled; where modules come from stays the user's choice. */
function goEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, GOFLAGS: "-buildvcs=false", GOWORK: "off" };
}

/** @throws when there is no Go, or none that is new enough */
async function findGo(directory: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const needed = `Go ${MINIMUM_GO.major}.${MINIMUM_GO.minor} or newer`;
  const go = firstExecutable("go", environment);
  if (go === undefined) throw new Error(`${needed} is needed, and there is no go on PATH`);
  // Asked inside the module, where Go 1.21+ switches to the toolchain that go.mod names (and may download it).
  const { code, stdout, stderr } = await runCommand(go, ["env", "GOVERSION"], { directory, environment });
  if (code !== 0) throw new Error(`${needed} is needed, and ${go} failed: ${lastLines(stderr)}`);
  if (!isGoNewEnough(stdout.trim())) throw new Error(`${needed} is needed, and ${go} is ${stdout.trim()}`);
  return go;
}

/** @param version as `go env GOVERSION` prints it, e.g. "go1.26.8" */
export function isGoNewEnough(version: string): boolean {
  const [, major, minor] = version.match(/^go(\d+)\.(\d+)/) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > MINIMUM_GO.major || (Number(major) === MINIMUM_GO.major && Number(minor) >= MINIMUM_GO.minor);
}

/** Downloads the sources as a side effect: listing the packages of a program needs them. */
async function countPackages(
  go: string,
  packages: readonly string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
  build: Pick<GoBuild<GoProgram>, "progress" | "label">,
): Promise<number> {
  let modules = 0;
  build.progress.step(`${build.label}: reading the sources`);
  const result = await runCommand(go, ["list", "-mod=readonly", "-deps", ...packages], {
    directory,
    environment,
    onLine: (line) => {
      if (!line.startsWith("go: downloading ")) return;
      modules += 1;
      build.progress.step(`${build.label}: downloading the sources, ${modules} Go modules so far`);
    },
  });
  if (result.code !== 0) throw new Error(`the Go sources could not be had: ${lastLines(result.stderr)}`);
  return result.stdout.split("\n").length;
}

/** Left by a build that was killed. The caller holds the module's lock, so nobody is at work there. */
function removeStagingLeftBehind(parent: string, module: string): void {
  mkdirSync(parent, { recursive: true });
  for (const entry of readdirSync(parent)) {
    if (entry.startsWith(stagingPrefix(module))) rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

function stagingPrefix(module: string): string {
  return `.build-${module}-`;
}

function lastLines(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("go: downloading"));
  return lines.slice(-5).join("\n    ");
}
