import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ProgressSink } from "../progress";
import { buildWithGo, type GoProgram, isGoNewEnough } from "../tools/go-build";
import { withLock } from "../tools/lock";
import { serverFolder } from "./server-folder";

/** Servers that are built from sources on the Go module proxy, each pinned by the folder of `tools/` with its name. */
export type GoServerName = "coredns" | "kube-router" | "postgres-exporter" | "vault";

/** A server of one program file, which needs nothing but the kernel. */
export interface GoServer extends GoProgram {
  readonly name: GoServerName;
  /** Without a leading `v`. */
  readonly version: string;
  /** Where the program is, once {@link ensureGoServer} has run. */
  readonly program: string;
}

const MODULES = resolve(__dirname, "../../tools");

function goServer(name: GoServerName, repository: string, programPackage: string, file: string): GoServer {
  const pins = readFileSync(join(MODULES, name, "go.mod"), "utf8").split(/\s*\n\s*/);
  const version = pins.find((line) => line.startsWith(`${repository} v`))?.match(/ v(\S+)/)?.[1];
  if (version === undefined) throw new Error(`tools/${name}/go.mod does not require ${repository}: add it there.`);
  return { name, version, module: name, package: programPackage, program: join(serverFolder(name, version), file) };
}

const COREDNS = "github.com/coredns/coredns";
const KUBE_ROUTER = "github.com/cloudnativelabs/kube-router/v2";
const POSTGRES_EXPORTER = "github.com/prometheus-community/postgres_exporter";
const VAULT = "github.com/hashicorp/vault";

export const goServers: Readonly<Record<GoServerName, GoServer>> = {
  coredns: goServer("coredns", COREDNS, COREDNS, "coredns"),
  "kube-router": goServer("kube-router", KUBE_ROUTER, `${KUBE_ROUTER}/cmd/kube-router`, "kube-router"),
  "postgres-exporter": goServer(
    "postgres-exporter",
    POSTGRES_EXPORTER,
    `${POSTGRES_EXPORTER}/cmd/postgres_exporter`,
    "postgres_exporter",
  ),
  /** Without its user interface, which is not in the Go module. */
  vault: goServer("vault", VAULT, VAULT, "vault"),
};

/** Programs whose authors let the linker write the version into them. */
const versionVariables: Partial<Record<GoServerName, string>> = {
  "kube-router": `${KUBE_ROUTER}/pkg/version.Version`,
  "postgres-exporter": "github.com/prometheus/common/version.Version",
};

/** Whether the server is there, or Go is, to build it. */
export function goServerAvailable({ module, program }: GoServer): boolean {
  if (existsSync(program)) return true;
  // Asked inside the module: there Go takes the toolchain that go.mod names.
  const go = spawnSync("go", ["env", "GOVERSION"], { cwd: join(MODULES, module), encoding: "utf8" });
  return isGoNewEnough(go.stdout?.trim() ?? "");
}

/**
 * Builds the server unless that was done before. An interrupted build goes on where it was.
 * @returns path of the program
 * @throws when Go is missing or too old, or the sources cannot be had
 */
export async function ensureGoServer(server: GoServer, progress: ProgressSink): Promise<string> {
  const { name, version, program } = server;
  if (existsSync(program)) return program;
  const folder = dirname(program);
  await withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(program)) return; // whoever held the lock before has built it
      const variable = versionVariables[name];
      await buildWithGo({
        tools: [server],
        linkerFlags: variable === undefined ? "-s -w" : `-s -w -X ${variable}=${version}`,
        target: () => program,
        stagingParent: dirname(folder),
        // An image may have another C library than this machine, or none.
        environment: { ...process.env, CGO_ENABLED: "0" },
        progress,
        label: `${name} ${version}`,
      });
      progress.done(`${name} ${version} is ready`);
    },
    { onWait: (pid) => progress.step(`waiting for process ${pid}, which is building ${name}`) },
  );
  return program;
}
