import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import type { SandboxCluster } from "../sandbox/cluster";
import type { ProviderKind } from "../sandbox/engine/providers";
import type { Operation } from "../sandbox/engine/run";
import type { Manifest } from "../stacks/render";
import type { Command } from "./measure";
import { asYaml } from "./objects";
import type { StackRun } from "./run-stack";

const ROOT = resolve(__dirname, "..");

/** What is done to a cluster, in this order. */
export const WORKS = ["first up", "no-op preview", "no-op up", "one-line change", "refresh", "destroy"] as const;
export type Work = (typeof WORKS)[number];

/** A way to bring the same objects into the same cluster. */
export interface Contestant {
  readonly name: string;
  /** What does the work; undefined where there is no such thing. */
  command(work: Work): Command | undefined;
}

/** The platform as it is, and with one line of the stack file changed. */
export interface Objects {
  readonly before: readonly Manifest[];
  readonly after: readonly Manifest[];
}

/** The program on the engine. The one-line change is made in its stack file. */
export function ours(
  providers: ProviderKind,
  cluster: SandboxCluster,
  run: Pick<StackRun, "stack" | "repository" | "sandboxFolder" | "copies">,
): Contestant {
  const { kubeconfig, context, server } = cluster;
  const operations: Readonly<Record<Work, Operation>> = {
    "first up": "up",
    "no-op preview": "preview",
    "no-op up": "up",
    "one-line change": "up",
    refresh: "refresh",
    destroy: "destroy",
  };
  return {
    name: `platform, ${providers}`,
    command(work) {
      // The copies have no stack file that something could be changed in.
      if (work === "one-line change" && run.copies !== undefined) return undefined;
      setReplicas(run.repository, run.stack, ["first up", "no-op preview", "no-op up"].includes(work) ? 3 : 4);
      const request: StackRun = {
        ...run,
        operation: operations[work],
        providers,
        target: { kind: "sandbox", kubeconfig, context, server },
      };
      const args = [join(ROOT, "loader/run.js"), "bench/run-stack", JSON.stringify(request)];
      return { program: process.execPath, args };
    },
  };
}

/** The one line: how many workers OpenChecker has. */
export function setReplicas(repository: string, stack: string, replicas: number): void {
  const file = join(repository, `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", "platform:openchecker", "agents", "replicas"], replicas);
  writeFileSync(file, String(document));
}

/** `kubectl`, which waits for the same things as the providers do. */
export function kubectl(program: string, { kubeconfig }: SandboxCluster, objects: Objects, folder: string): Contestant {
  const [before, after] = [join(folder, "before.yaml"), join(folder, "after.yaml")];
  writeFileSync(before, asYaml(objects.before));
  writeFileSync(after, asYaml(objects.after));
  const run = (...lines: string[]): Command => ({
    program: "sh",
    args: ["-e", "-c", lines.join("\n"), "kubectl"],
    environment: { KUBECONFIG: kubeconfig, kubectl: program },
  });
  const apply = (file: string) =>
    run(`"$kubectl" apply --server-side --force-conflicts -f '${file}'`, ...waits(objects.before));
  return {
    name: "kubectl",
    command(work) {
      switch (work) {
        case "first up":
        case "no-op up":
          return apply(before);
        case "one-line change":
          return apply(after);
        case "no-op preview":
          return { ...run(`"$kubectl" diff --server-side --force-conflicts -f '${before}'`), accepts: [0, 1] };
        case "refresh":
          return undefined;
        case "destroy":
          return run(`"$kubectl" delete --wait --ignore-not-found -f '${after}'`);
      }
    },
  };
}

/** Waits until what was applied is ready. */
function waits(manifests: readonly Manifest[]): string[] {
  const has = (kind: string) => manifests.some((each) => each.kind === kind);
  const sets = manifests.filter(({ kind }) => kind === "StatefulSet" || kind === "DaemonSet");
  const limit = "--timeout=30m";
  return [
    ...(has("Deployment") ? [`"$kubectl" wait --for=condition=Available deployment --all -A ${limit}`] : []),
    ...(has("Job") ? [`"$kubectl" wait --for=condition=Complete job --all -A ${limit}`] : []),
    ...sets.map(
      ({ kind, metadata }) =>
        `"$kubectl" rollout status ${kind}/${metadata.name} -n ${metadata.namespace ?? "default"} ${limit}`,
    ),
  ];
}

/** `helm` with a chart that holds the objects as they are. */
export function helm(program: string, { kubeconfig }: SandboxCluster, objects: Objects, folder: string): Contestant {
  const chart = (name: string, manifests: readonly Manifest[]) => {
    const path = join(folder, name);
    mkdirSync(join(path, "templates"), { recursive: true });
    mkdirSync(join(path, "files"), { recursive: true });
    writeFileSync(join(path, "Chart.yaml"), "apiVersion: v2\nname: platform\nversion: 0.1.0\n");
    // As files, because what looks like a template in them (alert rules) is none.
    writeFileSync(join(path, "files/objects.yaml"), asYaml(manifests));
    writeFileSync(join(path, "templates/objects.yaml"), '{{ .Files.Get "files/objects.yaml" }}\n');
    return path;
  };
  const [before, after] = [chart("chart-before", objects.before), chart("chart-after", objects.after)];
  const run = (...args: string[]): Command => ({
    program,
    args: [...args, "--namespace", "default", "--wait", "--timeout", "30m"],
    environment: { KUBECONFIG: kubeconfig },
  });
  return {
    name: "helm",
    command(work) {
      switch (work) {
        case "first up":
        case "no-op up":
          return run("upgrade", "--install", "--wait-for-jobs", "platform", before);
        case "one-line change":
          return run("upgrade", "--install", "--wait-for-jobs", "platform", after);
        case "no-op preview": // helm has none that asks the server about each object
        case "refresh":
          return undefined;
        case "destroy":
          return run("uninstall", "platform");
      }
    },
  };
}
