import { Provider } from "@pulumi/kubernetes";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Namespace, Secret } from "@pulumi/kubernetes/core/v1";
import { RandomPassword } from "@pulumi/random";
import {
  type Operation,
  RunFailed,
  type RunOptions,
  type RunResult,
  runStack,
  stackOutputs,
} from "../../sandbox/engine/run";
import { type ChangeCounts, RunRecord } from "../../sandbox/engine/run-record";
import type { Target } from "../../sandbox/engine/target";

/** What a test asks this program to do; given as JSON in the first argument. */
export interface RunOrder {
  /** `output` only reads the outputs. */
  readonly operation: Operation | "output";
  readonly target: Target;
  readonly repository: string;
  readonly sandboxFolder: string;
  /** The Deployment's image. */
  readonly image: string;
  /** Its pods never become ready. */
  readonly stuck: boolean;
  /** How many Secrets with a password each, and ConfigMaps with generated names, there are besides. */
  readonly copies: number;
  readonly options: RunOptions;
}

/** What this program answers, as the last line of its standard output. */
export interface RunAnswer {
  readonly counts: ChangeCounts;
  /** Labels of what was created, updated, replaced or deleted. */
  readonly changed: readonly string[];
  /** Why the run failed; absent when it did not. */
  readonly error?: string;
  readonly interrupted: boolean;
}

/** A small platform: objects with fixed and with generated names, a password, and a workload to wait for. */
async function program({ image, stuck, copies }: RunOrder) {
  const { PLATFORM_KUBECONFIG: kubeconfig = "", PLATFORM_CONTEXT: context = "" } = process.env;
  const provider = new Provider("cluster", { kubeconfig, context, enableConfigMapMutable: true });
  const random = new RandomPassword("password", { length: 24, special: false });
  const namespace = new Namespace("shop", { metadata: { name: "shop" } }, { provider });
  const metadata = { namespace: namespace.metadata.name };
  const settings = new ConfigMap("settings", { metadata, data: { image } }, { provider });
  const login = new Secret(
    "login",
    { metadata: { ...metadata, name: "login" }, stringData: { password: random.result } },
    { provider },
  );
  for (let index = 0; index < copies; index += 1) {
    const { result } = new RandomPassword(`password-${index}`, { length: 24, special: false });
    new Secret(
      `copy-${index}`,
      { metadata: { ...metadata, name: `copy-${index}` }, stringData: { password: result } },
      { provider },
    );
    new ConfigMap(`copy-${index}`, { metadata, data: { image } }, { provider });
  }
  const labels = { app: "web" };
  new Deployment(
    "web",
    {
      metadata: { ...metadata, name: "web" },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, ...(stuck && { annotations: { "sandbox.platform/fail": "image-pull" } }) },
          spec: { containers: [{ name: "web", image }] },
        },
      },
    },
    // The last one, so that a run that waits for it has finished everything else.
    { provider, dependsOn: [settings, login] },
  );
  return { password: random.result };
}

async function main(order: RunOrder): Promise<RunAnswer> {
  try {
    return { ...describe(await carryOut(order)), interrupted: false };
  } catch (error) {
    const failed = error instanceof RunFailed ? error : undefined;
    return { ...describe(failed?.result), error: (error as Error).message, interrupted: failed?.interrupted ?? false };
  }
}

async function carryOut(order: RunOrder): Promise<RunResult | undefined> {
  const { operation } = order;
  const request = {
    ...order,
    stack: "dev",
    providers: "builtin",
    progress: { step() {}, done() {}, warn: (message: string) => process.stdout.write(`warning: ${message}\n`) },
  } as const;
  if (operation !== "output") {
    return await runStack({ ...request, operation, program: () => program(order) });
  }
  await stackOutputs(request);
  return undefined;
}

function describe(result: RunResult | undefined): Pick<RunAnswer, "counts" | "changed"> {
  const { counts, changes } = result ?? { counts: new RunRecord().counts, changes: [] };
  const changed = changes.filter(({ kind }) => kind !== "same" && kind !== "read").map(({ label }) => label);
  return { counts, changed };
}

// A process of its own, so that a test can interrupt and kill it as a user would.
void main(JSON.parse(process.argv[2] ?? "{}") as RunOrder).then((answer) => {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exit(0);
});
