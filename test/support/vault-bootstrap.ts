import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialKey, desiredVaultState } from "../../components/secrets/vault-desired-state";
import {
  BOOTSTRAP_SCRIPT,
  bootstrapFiles,
  KEYS_ENTRY,
  UNSEAL_SCRIPT,
  unsealFiles,
} from "../../components/secrets/vault-files";
import {
  kpaasPolicies,
  ROLE_PREFIX,
  SECRETS_ENGINE,
  type VaultApplication,
  vaultApplications,
} from "../../components/secrets/vault-kpaas-policies";
import type { FakeKubernetes } from "./fake-kubernetes";

/** The cluster that the platform runs on, in these tests. */
export const HOST_CLUSTER = { id: "6f1f3c5e-0000-4000-8000-000000000001", apiUrl: "https://10.0.0.10:6443" };

export interface Order {
  readonly nodes: readonly string[];
  /** @default all */
  readonly applications?: readonly VaultApplication[];
  /** What the secret ids end with: another text is another rotation. @default "1" */
  readonly rotation?: string;
  /** Life of the host cluster's token that is asked for. @default 30 days */
  readonly tokenSeconds?: number;
  readonly audit?: boolean;
  readonly waitSeconds?: number;
  readonly threshold?: number;
}

export interface Ran {
  readonly code: number | null;
  /** Standard output and errors. */
  readonly output: string;
}

export const roleIdOf = (application: VaultApplication) => `role-id-of-${application}`;
export const secretIdOf = (application: VaultApplication, rotation = "1") => `secret-id-of-${application}-${rotation}`;

/** Runs the scripts as the Job and the container beside each node do. */
export class BootstrapRunner {
  /** What every run printed. */
  printed = "";
  private readonly folder = mkdtempSync(join(tmpdir(), "platform-vault-bootstrap-"));
  private unsealer: ChildProcess | undefined;

  constructor(
    private readonly kubernetes: FakeKubernetes,
    private readonly kubernetesUrl: string,
  ) {
    this.write("account/token", kubernetes.podToken);
  }

  async run(order: Order): Promise<Ran> {
    const { applications = vaultApplications, rotation } = order;
    const policies = kpaasPolicies(HOST_CLUSTER.id);
    for (const [name, content] of Object.entries(bootstrapFiles)) {
      this.write(`files/${name}`, content);
    }
    for (const application of applications) {
      this.write(`credentials/${credentialKey(application, "role-id")}`, roleIdOf(application));
      this.write(`credentials/${credentialKey(application, "secret-id")}`, secretIdOf(application, rotation));
    }
    const desired = this.write(
      "desired.json",
      desiredVaultState({
        nodes: order.nodes,
        seal: { type: "shamir", shares: 3, threshold: order.threshold ?? 2 },
        keysSecret: { namespace: "vault", name: "vault-unseal-keys" },
        audit: order.audit ?? false,
        engine: SECRETS_ENGINE,
        rolePrefix: ROLE_PREFIX,
        policies: Object.fromEntries(applications.map((application) => [application, policies[application]])),
        tokenLife: { ttl: 60, maxTtl: 600 },
        hostCluster: {
          ...HOST_CLUSTER,
          account: { namespace: "vault", name: "cp-cluster-admin" },
          tokenSeconds: order.tokenSeconds ?? 30 * 86_400,
        },
      }),
    );
    const child = this.python(`files/${BOOTSTRAP_SCRIPT}`, {
      DESIRED_STATE: desired,
      CREDENTIALS_DIRECTORY: join(this.folder, "credentials"),
      ACCOUNT_DIRECTORY: join(this.folder, "account"),
      KUBERNETES_URL: this.kubernetesUrl,
      RETRY_PAUSE_SECONDS: "0.05",
      WAIT_SECONDS: String(order.waitSeconds ?? 120),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    this.printed += output;
    return { code, output };
  }

  /** Starts what opens a node after each start, with the keys that the Secret holds now. */
  startUnsealer(url: string): void {
    for (const [name, content] of Object.entries(unsealFiles)) {
      this.write(`unseal/${name}`, content);
    }
    const child = this.python(`unseal/${UNSEAL_SCRIPT}`, {
      VAULT_URL: url,
      KEYS_FILE: this.write(KEYS_ENTRY, this.kubernetes.entry(KEYS_ENTRY) ?? ""),
      HEARTBEAT_FILE: join(this.folder, "heartbeat"),
      PAUSE_SECONDS: "0.05",
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed += text;
      });
    }
    this.unsealer = child;
  }

  async remove(): Promise<void> {
    const child = this.unsealer;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private python(script: string, environment: Readonly<Record<string, string>>): ChildProcess {
    return spawn("python3", ["-B", join(this.folder, script)], {
      // The proxy must not be used for a Service of the cluster.
      env: { PATH: process.env["PATH"], HTTP_PROXY: "http://127.0.0.1:1", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  private write(path: string, content: string): string {
    const file = join(this.folder, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, content);
    return file;
  }
}
