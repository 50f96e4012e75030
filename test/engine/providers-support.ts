import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Provider, type ProviderArgs } from "@pulumi/kubernetes";
import {
  type EngineEvent,
  LocalWorkspace,
  type OpType,
  type OutputMap,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { clusterUp, type SandboxCluster } from "../../sandbox/cluster";
import { separateConnections } from "../../sandbox/engine/connections";
import { type EngineProcess, engineProcess } from "../../sandbox/engine/pulumi-command";
import { silentProgress } from "../../sandbox/progress";
import { type RunningProviders, startProviders } from "../../sandbox/providers";
import { ensureTools } from "../../sandbox/tools";
import { testWith } from "../support/requirements";
import { removeFolder, temporarySandbox } from "./cluster-support";

/** `PLATFORM_PROVIDERS=official` runs the same tests against the published plugins, which must be installed then. */
const usesOfficialProviders = process.env["PLATFORM_PROVIDERS"] === "official";

/** A test of what the builtin providers do on purpose in another way than the official ones. */
export const onlyBuiltin = testWith("the builtin providers", !usesOfficialProviders);

/**
 * A test of what the official providers are known to do in another way, which docs/providers.md tells. There it has to
 * fail: a version that no longer differs shows, and the page can be corrected.
 */
export const unlikeOfficial = usesOfficialProviders ? test.failing : test;

/** What an operation did to one resource. */
export interface Step {
  readonly op: OpType;
  /** Logical name of the resource. */
  readonly name: string;
  /** Property paths that differ. */
  readonly paths: readonly string[];
}

export interface Outcome {
  /** Resources that were not left alone, in the order in which they were worked on. */
  readonly steps: readonly Step[];
  /** Errors and warnings as the user sees them. */
  readonly messages: string;
  /** Status lines that were shown while resources were worked on. */
  readonly statuses: readonly string[];
  readonly succeeded: boolean;
  readonly outputs: OutputMap;
}

/** The value of a stack output; throws with what went wrong when the operation failed. */
export function outputOf<Value = unknown>({ outputs, messages }: Outcome, name: string): Value {
  const output = outputs[name];
  if (output === undefined) throw new Error(`The stack has no output "${name}". ${messages}`);
  return output.value as Value;
}

/** Options of one operation. */
export interface OperationOptions {
  readonly target?: string[];
}

/** One stack of one test. The program is given anew for each operation, as if it had been edited. */
export class TestStack {
  /** @param stateFile where the engine keeps the state of the stack */
  constructor(
    private readonly stack: Stack,
    private readonly stateFile: string,
  ) {}

  preview(program: PulumiFn, options: OperationOptions = {}): Promise<Outcome> {
    return this.run(program, (onEvent) => this.stack.preview({ ...options, onEvent }));
  }

  up(program: PulumiFn, options: OperationOptions = {}): Promise<Outcome> {
    return this.run(program, (onEvent) => this.stack.up({ ...options, onEvent }));
  }

  refresh(program: PulumiFn): Promise<Outcome> {
    return this.run(program, (onEvent) => this.stack.refresh({ onEvent }));
  }

  destroy(program: PulumiFn): Promise<Outcome> {
    return this.run(program, (onEvent) => this.stack.destroy({ onEvent }));
  }

  /** The state as it is stored, with secrets encrypted. */
  state(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  private async run(program: PulumiFn, operate: (onEvent: (event: EngineEvent) => void) => Promise<unknown>) {
    const events: EngineEvent[] = [];
    this.stack.workspace.program = program;
    const succeeded = await operate((event) => events.push(event)).then(
      () => true,
      () => false,
    );
    const diagnostics = events.flatMap(({ diagnosticEvent }) => diagnosticEvent ?? []);
    return {
      steps: events.flatMap(stepOf),
      messages: diagnostics
        .filter(({ severity, ephemeral }) => !ephemeral && ["error", "warning"].includes(severity))
        .map(({ message }) => message)
        .join("\n"),
      statuses: diagnostics.filter(({ ephemeral }) => ephemeral).map(({ message }) => message.trim()),
      succeeded,
      outputs: succeeded ? await this.stack.outputs() : {},
    };
  }
}

/** Operations on the test's own resources that change something. */
function stepOf({ resourcePreEvent }: EngineEvent): Step[] {
  const metadata = resourcePreEvent?.metadata;
  const isOwn = metadata && !/^pulumi:(providers:|pulumi:Stack)/.test(metadata.type);
  if (!isOwn || ["same", "refresh"].includes(metadata.op)) return [];
  const name = metadata.urn.split("::").at(-1) ?? "";
  return [{ op: metadata.op, name, paths: Object.keys(metadata.detailedDiff ?? {}).sort() }];
}

/** The cluster, the providers and the tools that the tests of one file share. */
export class ProviderTests {
  private readonly sandbox = temporarySandbox();
  private readonly folder = mkdtempSync(join(tmpdir(), "platform-providers-"));
  private running: RunningProviders | undefined;
  private sandboxCluster: SandboxCluster | undefined;
  private engine: EngineProcess | undefined;
  private kubectlProgram = "";

  /** Registers the set-up and tear-down with jest. */
  constructor() {
    separateConnections();
    beforeAll(async () => {
      this.sandboxCluster = await clusterUp(silentProgress, { directory: this.sandbox.directory });
      const tools = await ensureTools(["pulumi", "kubectl"], silentProgress);
      this.engine = await engineProcess(tools.pulumi, {});
      this.kubectlProgram = tools.kubectl;
      this.running = usesOfficialProviders ? undefined : await startProviders();
      await this.kubectl("create", "namespace", "conformance");
    });
    afterAll(async () => {
      await this.running?.stop();
      await this.sandbox.remove();
      removeFolder(this.folder);
    });
  }

  get cluster(): SandboxCluster {
    if (!this.sandboxCluster) throw new Error("The cluster is only there while tests run.");
    return this.sandboxCluster;
  }

  /** Resource options with a provider for the cluster; to be called inside a program. */
  provider(args: ProviderArgs = {}): { provider: Provider } {
    const { kubeconfig, context } = this.cluster;
    return { provider: new Provider("cluster", { kubeconfig, context, ...args }) };
  }

  /** A new, empty stack. */
  async stack(name: string): Promise<TestStack> {
    const workDir = join(this.folder, name);
    const [backend, home] = ["backend", "home"].map((folder) => join(this.folder, folder));
    for (const folder of [workDir, backend ?? "", home ?? ""]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(workDir, "Pulumi.yaml"), "name: conformance\nruntime: nodejs\n");
    const program = async () => {};
    const stack = await LocalWorkspace.createStack(
      { stackName: name, projectName: "conformance", program },
      {
        workDir,
        ...(this.engine && { pulumiCommand: this.engine.command }),
        ...(usesOfficialProviders ? {} : { pulumiHome: home ?? "" }),
        envVars: {
          PULUMI_BACKEND_URL: `file://${backend}`,
          PULUMI_CONFIG_PASSPHRASE: "conformance",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          ...this.running?.environment,
        },
      },
    );
    return new TestStack(stack, join(backend ?? "", ".pulumi/stacks/conformance", `${name}.json`));
  }

  /** Ctrl-C while an operation runs. */
  interruptEngine(): void {
    this.engine?.signal("SIGINT");
  }

  /** What somebody does to the cluster besides the program; gives the output. */
  async kubectl(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(this.kubectlProgram, [
      "--kubeconfig",
      this.cluster.kubeconfig,
      ...args,
    ]);
    return stdout.trim();
  }

  /** Why kubectl was refused something; empty when it was not. */
  async refusal(...args: string[]): Promise<string> {
    return await this.kubectl(...args).then(
      () => "",
      (error: Error) => error.message,
    );
  }

  /** A field of a live object in the namespace `conformance`, as text. */
  async liveField(object: string, path: string): Promise<string> {
    return await this.kubectl("-n", "conformance", "get", object, "-o", `jsonpath={${path}}`);
  }

  async exists(object: string): Promise<boolean> {
    return (await this.kubectl("-n", "conformance", "get", object, "--ignore-not-found", "-o", "name")) !== "";
  }
}
