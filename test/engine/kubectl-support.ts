import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { SandboxCluster } from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools";

/** What kubectl answered; a refusal is an answer like any other. */
export interface Reply {
  readonly code: number | null;
  /** Both of its outputs. */
  readonly output: string;
}

/** kubectl on an embedded cluster. */
export class Kubectl {
  private constructor(
    private readonly program: string,
    private readonly cluster: SandboxCluster,
  ) {}

  static async on(cluster: SandboxCluster): Promise<Kubectl> {
    return new Kubectl((await ensureTools(["kubectl"], silentProgress)).kubectl, cluster);
  }

  /** @param input object for the standard input */
  run(args: readonly string[], input?: unknown): Promise<Reply> {
    return new Promise((resolve) => {
      const child = execFile(this.program, ["--kubeconfig", this.cluster.kubeconfig, ...args], (_, stdout, stderr) =>
        resolve({ code: child.exitCode, output: (stdout + stderr).trim() }),
      );
      child.stdin?.end(input === undefined ? "" : JSON.stringify(input));
    });
  }

  /** @throws what kubectl answered when it did not work */
  async read(...args: string[]): Promise<string> {
    const { code, output } = await this.run(args);
    if (code !== 0) throw new Error(output);
    return output;
  }

  /** Makes an object as somebody else. */
  createAs(account: string, object: unknown, ...options: string[]): Promise<Reply> {
    return this.run(["create", "--as", account, ...options, "-f", "-"], object);
  }

  /** What Kubernetes gives to the pods of a service account: the variables and the folder with its credentials. */
  async podEnvironment(namespace: string, account: string, folder: string): Promise<Record<string, string>> {
    const directory = join(folder, account);
    mkdirSync(directory);
    const { clusters } = parse(readFileSync(this.cluster.kubeconfig, "utf8")) as {
      clusters: { cluster: { "certificate-authority-data": string } }[];
    };
    const authority = clusters[0]?.cluster["certificate-authority-data"] ?? "";
    writeFileSync(join(directory, "ca.crt"), Buffer.from(authority, "base64"));
    writeFileSync(join(directory, "token"), await this.read("create", "token", account, "-n", namespace));
    const { hostname, port } = new URL(this.cluster.server);
    return {
      ACCOUNT_DIRECTORY: directory,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      PATH: process.env["PATH"] ?? "",
    };
  }
}
