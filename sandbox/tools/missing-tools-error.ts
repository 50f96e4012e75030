import type { Tool } from "./catalogue";

/** Why each way of getting a tool failed. */
export interface FailedWays {
  readonly tool: Tool;
  readonly path: string;
  readonly download: string;
  readonly build: string;
}

/** Every way to every missing tool failed: says why, and what the reader can do about it. */
export class MissingToolsError extends Error {
  override readonly name = "MissingToolsError";

  constructor(
    readonly failures: readonly FailedWays[],
    cacheDirectory: string,
  ) {
    super(describe(failures, cacheDirectory));
  }
}

function describe(failures: readonly FailedWays[], cacheDirectory: string): string {
  const blocks = failures.map(({ tool, path, download, build }) =>
    [
      `  ${tool.name} ${tool.version}`,
      `    1. on PATH:            ${path}`,
      `    2. official download:  ${download}`,
      `    3. built from source:  ${build}`,
    ].join("\n"),
  );
  const names = failures.map(({ tool }) => tool.name).join(", ");
  return [
    `The sandbox needs ${failures.length === 1 ? "a tool" : "tools"} that could not be had: ${names}.`,
    ...blocks,
    "One of these is enough:",
    "  - install Go 1.26 or newer (https://go.dev/dl/, or a package of your system) and let it reach a Go module proxy (GOPROXY);",
    "  - allow this machine to reach get.pulumi.com, github.com, api.github.com and dl.k8s.io, and where they redirect to;",
    "  - put the named tools, in the named versions, on PATH;",
    `  - copy ${cacheDirectory} from a machine of the same kind that has them.`,
  ].join("\n");
}
