import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { clusterReset, clusterUp, type SandboxCluster } from "../sandbox/cluster";
import type { ProgressSink } from "../sandbox/progress";
import { UserError } from "../sandbox/user-error";

const ROOT = resolve(__dirname, "..");

/** A checkout's stack files, and a cluster of its own, which the bench takes down again whatever happens. */
export interface Scene {
  readonly repository: string;
  readonly sandboxFolder: string;
  /** For the files of the other programs. */
  readonly scratch: string;
  readonly cluster: SandboxCluster;
  /** Aborts when the user, or the system, wants the bench to end. */
  readonly interrupted: AbortSignal;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export async function withScene<Result>(
  progress: ProgressSink,
  work: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const repository = mkdtempSync(join(tmpdir(), "platform-bench-"));
  const [sandboxFolder, scratch] = [join(repository, ".sandbox"), join(repository, "scratch")];
  const interruption = new AbortController();
  const interrupt = () => {
    progress.warn("interrupted: taking the cluster of the bench down");
    interruption.abort(new UserError("The bench was interrupted; its cluster is gone."));
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    for (const folder of [sandboxFolder, scratch]) mkdirSync(folder);
    for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml"]) cpSync(join(ROOT, file), join(repository, file));
    const cluster = await clusterUp(progress, { directory: sandboxFolder });
    return await work({ repository, sandboxFolder, scratch, cluster, interrupted: interruption.signal });
  } finally {
    await clusterReset({ directory: sandboxFolder, progress });
    rmSync(repository, { recursive: true, force: true });
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/** Simulated nodes beside those that a sandbox has: each takes 110 pods. */
export function addNodes(kubectl: string, { kubeconfig }: SandboxCluster, count: number): void {
  const nodes = Array.from({ length: count }, (_, index) => {
    const name = `bench-node-${index}`;
    const capacity = { cpu: "8", memory: "32Gi", pods: "110", "ephemeral-storage": "100Gi" };
    const labels = {
      "kubernetes.io/hostname": name,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
      type: "kwok",
    };
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels, annotations: { "kwok.x-k8s.io/node": "fake" } },
      status: { capacity, allocatable: capacity },
    };
  });
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: nodes });
  const { status, stderr } = spawnSync(kubectl, ["apply", "--server-side", "-f", "-"], {
    input,
    encoding: "utf8",
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  if (status !== 0) throw new Error(`The nodes of the bench could not be made: ${stderr}`);
}
