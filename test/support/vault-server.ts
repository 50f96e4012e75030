import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serverConfiguration } from "../../components/secrets/vault-configuration";
import { terminalProgress } from "../../sandbox/progress";
import { ensureGoServer, goServerAvailable, goServers } from "../../sandbox/servers/go-servers";
import { freePort } from "./free-port";

/** Whether Vault is there already, or can be built here. */
export const vaultAvailable = goServerAvailable(goServers.vault);

/** Longest that a build from nothing takes on two processors, milliseconds. */
export const BUILD_LIMIT = 3_600_000;

/** Builds Vault unless that was done before. @returns the program's path */
export function builtVault(): Promise<string> {
  return ensureGoServer(goServers.vault, terminalProgress());
}

/** A node of a real Vault on loopback ports, configured as in its pod but for the addresses and the directory. */
export class VaultNode {
  /** Everything that it printed. */
  log = "";
  peers: readonly string[] = [];
  private process: ChildProcess | undefined;

  private constructor(
    readonly name: string,
    private readonly directory: string,
    private readonly port: number,
    private readonly clusterPort: number,
  ) {}

  /** Finds ports and a directory; nothing runs yet. */
  static async prepare(name = "vault-0"): Promise<VaultNode> {
    const directory = mkdtempSync(join(tmpdir(), "platform-vault-"));
    return new VaultNode(name, directory, await freePort(), await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the node and waits until it answers. */
  async start(): Promise<void> {
    const data = join(this.directory, "data");
    mkdirSync(data, { recursive: true });
    const configuration = join(this.directory, "vault.json");
    writeFileSync(
      configuration,
      serverConfiguration({
        listen: { api: `127.0.0.1:${this.port}`, cluster: `127.0.0.1:${this.clusterPort}` },
        dataDirectory: data,
        peers: this.peers,
        tls: false,
        metrics: true,
      }),
    );
    const child = spawn(await builtVault(), ["server", `-config=${configuration}`], {
      cwd: dirname(configuration),
      env: {
        HOME: this.directory,
        VAULT_RAFT_NODE_ID: this.name,
        VAULT_API_ADDR: this.url,
        VAULT_CLUSTER_ADDR: `https://127.0.0.1:${this.clusterPort}`,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.log += text;
      });
    }
    while (!(await this.answers())) {
      if (child.exitCode !== null) throw new Error(`Vault ended with ${child.exitCode} at its start:\n${this.log}`);
      await sleep(50);
    }
  }

  /** The node stops and seals itself; what it knows stays. */
  async stop(): Promise<void> {
    const child = this.process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once("close", done));
    child.kill("SIGTERM");
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** One call of the API. @returns status and the answer's JSON, empty where there is none */
  async call(
    method: string,
    path: string,
    { token, body }: { readonly token?: string; readonly body?: unknown } = {},
  ): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }> {
    const answer = await fetch(`${this.url}/v1/${path}`, {
      method,
      headers: token === undefined ? {} : { "X-Vault-Token": token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text.startsWith("{") ? JSON.parse(text) : {} };
  }

  private async answers(): Promise<boolean> {
    try {
      await this.call("GET", "sys/seal-status");
      return true;
    } catch {
      return false; // not listening yet
    }
  }
}
