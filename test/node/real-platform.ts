import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { clusterReset, clusterUp, type SandboxCluster } from "../../sandbox/cluster";
import { layoutOf } from "../../sandbox/cluster/layout";
import { type Operation, type RunOptions, type RunResult, runStack } from "../../sandbox/engine/run";
import { inNode } from "../../sandbox/node";
import { silentProgress } from "../../sandbox/progress";
import { eventually, removeFolder } from "../engine/cluster-support";
import { Kubectl, type Reply } from "../engine/kubectl-support";

const ROOT = resolve(__dirname, "../..");
const STACK = "dev";

/**
 * The folder of a sandbox in which the stack is up on a real node already. For people who write tests: each run then takes
 * seconds. The sandbox is used as it is, and stays.
 */
const ATTACH = "PLATFORM_TEST_SANDBOX";

/** A pod of a test. */
export interface ProbePod {
  readonly namespace: string;
  readonly name: string;
  /** What network policies, Services and admission rules see. */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default the namespace's default account, without a token */
  readonly serviceAccount?: string;
  /** Name of an image of the sandbox with its tag. @default python:3.11 */
  readonly image?: string;
  /** @default sleeps until it is deleted */
  readonly command?: readonly string[];
  /** Numeric user. @default 1234 */
  readonly user?: number;
}

/** A pod, as far as tests look at it. */
export interface LivePod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly unknown[];
  };
  readonly spec: { readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[] };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly restartCount: number;
      readonly state: { readonly running?: unknown };
    }[];
  };
}

/** The unmodified stack `dev` on an embedded cluster with a real node. */
export class RealPlatform {
  private constructor(
    /** Where copies of the stack files are; {@link set} edits them. */
    readonly repository: string,
    /** The sandbox folder. */
    readonly sandbox: string,
    readonly cluster: SandboxCluster,
    readonly kubectl: Kubectl,
    private readonly isAttached: boolean,
  ) {}

  /** Starts a cluster with a real node and brings the stack up, unless there is one to attach to. */
  static async start(): Promise<RealPlatform> {
    const existing = process.env[ATTACH];
    const repository = copyOfStackFiles();
    const sandbox = existing ?? join(repository, "sandbox");
    try {
      const cluster = await clusterUp(silentProgress, { directory: sandbox, node: "real", images: "sandbox" });
      const kubectl = await Kubectl.on(cluster);
      const platform = new RealPlatform(repository, sandbox, cluster, kubectl, existing !== undefined);
      if (existing === undefined) await platform.run("up");
      return platform;
    } catch (error) {
      // Nobody else knows of what has been started.
      if (existing === undefined) await clusterReset({ directory: sandbox });
      removeFolder(repository);
      throw error;
    }
  }

  async remove(): Promise<void> {
    if (!this.isAttached) await clusterReset({ directory: this.sandbox });
    removeFolder(this.repository);
  }

  run(operation: Operation, options: RunOptions = {}): Promise<RunResult> {
    const { kubeconfig, context, server } = this.cluster;
    return runStack({
      operation,
      stack: STACK,
      target: { kind: "sandbox", kubeconfig, context, server, realNode: "sandbox" },
      options,
      repository: this.repository,
      sandboxFolder: this.sandbox,
      providers: "builtin",
      progress: silentProgress,
    });
  }

  /** Sets one value of the copied stack file, as `pulumi config set --path` does; undefined takes it out. */
  set(path: readonly string[], value: unknown): void {
    const file = join(this.repository, `Pulumi.${STACK}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    if (value === undefined) document.deleteIn(["config", ...path]);
    else document.setIn(["config", ...path], value);
    writeFileSync(file, document.toString());
  }

  /** Runs a program on the node itself, beside its containers. @throws with what it printed when it does not succeed */
  async onNode(words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await inNode(layoutOf(this.sandbox).node, words);
    if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code} on the node: ${stderr.trim()}`);
    return stdout;
  }

  /** Ends the first process of a pod's only container the hard way, as the kernel does when memory is short. */
  async killMainProcess(namespace: string, pod: string): Promise<void> {
    const { status } = await this.object<LivePod>(namespace, "pod", pod);
    const [container] = status.containerStatuses ?? [];
    const id = container?.containerID?.replace("containerd://", "");
    if (id === undefined) throw new Error(`${namespace}/${pod} has no container that runs.`);
    await this.onNode(["ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", id]);
  }

  /** The pod that a workload has made with these labels; not one on its way out, nor one that a test has made like it. */
  async podOf(namespace: string, labels: Readonly<Record<string, string>>): Promise<LivePod> {
    const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    return await eventually(async () => {
      const pods = await this.objects<LivePod>("pods", "--namespace", namespace, "--selector", selector.join(","));
      return pods.find(
        ({ metadata }) => metadata.ownerReferences !== undefined && metadata.deletionTimestamp === undefined,
      );
    });
  }

  /** Waits for a ready pod with these labels that is not the given one, or the given one after a restart. */
  untilAnother(namespace: string, labels: Readonly<Record<string, string>>, before: LivePod): Promise<LivePod> {
    return eventually(async () => {
      const pod = await this.podOf(namespace, labels);
      const isNew = pod.metadata.uid !== before.metadata.uid || restarts(pod) > restarts(before);
      const isReady = pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
      return isNew && isReady === true ? pod : undefined;
    });
  }

  /** Asks until the answer is good: policies and Services follow a pod that was made again within a moment. */
  untilAnswered(ask: () => Promise<Reply>): Promise<Reply> {
    return eventually(async () => {
      const reply = await ask();
      return reply.code === 0 ? reply : undefined;
    });
  }

  /** Runs a program in a container. @param pod name, with `/` and the kind in front when it is not a pod: "deployment/postgres" */
  exec(namespace: string, pod: string, words: readonly string[], container?: string): Promise<Reply> {
    const of = container === undefined ? [] : ["--container", container];
    return this.kubectl.run(["--namespace", namespace, "exec", pod, ...of, "--", ...words]);
  }

  /** The same, for programs that have to succeed. @throws with what they printed when they do not */
  async output(namespace: string, pod: string, words: readonly string[], container?: string): Promise<string> {
    const { code, output } = await this.exec(namespace, pod, words, container);
    if (code !== 0) throw new Error(`${pod}: ${words[0]} ended with ${code}: ${output}`);
    return output;
  }

  /** The values of a Secret. */
  async secret(namespace: string, name: string): Promise<Readonly<Record<string, string>>> {
    const { data } = await this.object<{ data: Record<string, string> }>(namespace, "secret", name);
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
    );
  }

  async object<Shape>(namespace: string, kind: string, name: string): Promise<Shape> {
    return JSON.parse(await this.kubectl.read("--namespace", namespace, "get", kind, name, "-o", "json")) as Shape;
  }

  async objects<Shape>(kind: string, ...options: string[]): Promise<readonly Shape[]> {
    return (JSON.parse(await this.kubectl.read("get", kind, ...options, "-o", "json")) as { items: Shape[] }).items;
  }

  /** Makes a pod on the real node, under the rules of its namespace, and waits until it runs and its policies are in force. */
  async startProbe(probe: ProbePod): Promise<void> {
    await this.removeProbe(probe);
    const { code, output } = await this.kubectl.run(["create", "-f", "-"], probeManifest(probe));
    if (code !== 0) throw new Error(output);
    await this.untilReady(probe.namespace, `pod/${probe.name}`);
    await this.untilEnforced(probe);
  }

  /**
   * Waits until the policies of the cluster know a pod. Before, they refuse what they will allow: how soon depends on what
   * else the machine has to do.
   *
   * kube-router reads the pods that policies select first, and those that get a chain of rules last: a pod that was made
   * in between has its chain, but no policy knows it. So one more round is asked for by a label, which is known by the new
   * names that all chains get in each round.
   */
  private async untilEnforced({ namespace, name }: ProbePod): Promise<void> {
    const first = await eventually(() => this.chainOf(namespace, name));
    await this.kubectl.read("--namespace", namespace, "label", "pod", name, "platform.test/policies=known");
    await eventually(async () => {
      const now = await this.chainOf(namespace, name);
      return now === first ? undefined : now;
    });
  }

  /** The chain of packet filter rules that kube-router has made for a pod; undefined before it knows the pod. */
  private async chainOf(namespace: string, pod: string): Promise<string | undefined> {
    const rules = await this.onNode(["iptables-save", "-t", "filter"]);
    const [rule] = rules.split("\n").filter((each) => each.includes(`from POD name:${pod} namespace: ${namespace} `));
    return rule?.match(/-j (KUBE-POD-FW-\S+)/)?.[1];
  }

  async removeProbe({ namespace, name }: Pick<ProbePod, "namespace" | "name">): Promise<void> {
    await this.kubectl.read(
      ...["--namespace", namespace, "delete", "pod", name, "--ignore-not-found", "--force", "--grace-period=0"],
    );
  }

  /** Waits for a pod or workload, also for one that is just being made again. */
  async untilReady(namespace: string, name: string): Promise<void> {
    const ready = name.startsWith("pod/") ? "--for=condition=Ready" : undefined;
    await eventually(async () => {
      const words =
        ready === undefined ? ["rollout", "status", name, "--timeout=10s"] : ["wait", ready, name, "--timeout=10s"];
      return (await this.kubectl.run(["--namespace", namespace, ...words])).code === 0 ? true : undefined;
    });
  }
}

function restarts({ status }: LivePod): number {
  return (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function copyOfStackFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), "platform-node-"));
  for (const file of readdirSync(ROOT).filter((each) => /^Pulumi\..*yaml$/.test(each))) {
    cpSync(join(ROOT, file), join(folder, file));
  }
  return folder;
}

/** Within what Pod Security "restricted" and the platform's quotas ask for. */
function probeManifest({ namespace, name, labels, serviceAccount, image, command, user }: ProbePod) {
  const group = user ?? 1234;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels: { ...labels } },
    spec: {
      ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
      automountServiceAccountToken: serviceAccount !== undefined,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      restartPolicy: "Never",
      securityContext: {
        runAsNonRoot: true,
        runAsUser: group,
        runAsGroup: group,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "probe",
          image: `sandbox.invalid/platform/${image ?? "python:3.11"}`,
          command: command ?? ["sleep", "86400"],
          resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}
