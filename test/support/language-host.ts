import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineMessages from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { generatedOutputs } from "../../stacks/render/generated-outputs";
import { readStackFile } from "../../stacks/render/stack-file";

const ROOT = resolve(__dirname, "../..");

/** What became of a run of the program as Pulumi's own language host starts it. */
export interface HostedRun {
  readonly exitCode: number | null;
  /** Type and name of every resource that was registered, the stack and components included. */
  readonly registered: readonly string[];
  /** Where the program says that each resource comes from. */
  readonly positions: readonly string[];
  readonly outputs: Record<string, unknown>;
  /** Messages to the engine of severity "error", which the user reads. */
  readonly errors: readonly string[];
  /** Standard output and error output of the process. */
  readonly printed: string;
  readonly cpuSeconds: number;
  readonly peakMebibytes: number;
}

export interface HostedProgram {
  readonly stack: string;
  /** By full key, on top of the stack file. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** The checkout. @default this one */
  readonly folder?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Runs the program as plain `pulumi preview` does: `@pulumi/pulumi/cmd/run`, with the variables that the language host sets
 * for Pulumi.yaml, against an engine that answers and remembers.
 */
export async function runHosted({ stack, folder = ROOT, ...options }: HostedProgram): Promise<HostedRun> {
  const engine = await RecordingEngine.start();
  const scratch = mkdtempSync(join(tmpdir(), "platform-host-"));
  try {
    const { configuration, secretKeys } = readStackFile(ROOT, stack);
    const usage = join(scratch, "usage.json");
    const kubeconfig = join(scratch, "kubeconfig");
    writeFileSync(kubeconfig, kubeconfigOf(`https://${engine.address}`));
    const probe = join(scratch, "probe.js");
    writeFileSync(
      probe,
      `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())));`,
    );
    const child = spawn(
      process.execPath,
      [
        ...["--require", probe, require.resolve("@pulumi/pulumi/cmd/run")],
        ...[`--monitor=${engine.address}`, `--engine=${engine.address}`, "--project=platform", `--stack=${stack}`],
        ...[
          "--organization=organization",
          "--parallel=16",
          "--dry-run",
          `--root-directory=${folder}`,
          `--pwd=${folder}`,
          ".",
        ],
      ],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          PULUMI_CONFIG: JSON.stringify({ ...configuration, ...options.configuration }),
          PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
          KUBECONFIG: kubeconfig,
          PULUMI_NODEJS_PROJECT: "platform",
          PULUMI_NODEJS_STACK: stack,
          PULUMI_NODEJS_TYPESCRIPT: String(usesTypeScript(folder)),
          ...options.environment,
        },
      },
    );
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    const exitCode = await new Promise<number | null>((done) => child.once("close", done));
    const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(usage, "utf8")) as NodeJS.ResourceUsage;
    return {
      exitCode,
      printed,
      ...engine.record,
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      peakMebibytes: maxRSS / 1024,
    };
  } finally {
    engine.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The contexts of the stacks; at the address somebody answers, which is all that the program asks for. */
function kubeconfigOf(server: string): string {
  return JSON.stringify({
    clusters: [{ name: "one", cluster: { server } }],
    contexts: ["platform-dev", "platform-prod"].map((name) => ({ name, context: { cluster: "one" } })),
  });
}

/** `runtime.options.typescript` of Pulumi.yaml, which is on unless it is switched off. */
function usesTypeScript(folder: string): boolean {
  return !/^ {4}typescript: false$/m.test(readFileSync(join(folder, "Pulumi.yaml"), "utf8"));
}

class RecordingEngine {
  readonly record = {
    registered: [] as string[],
    positions: [] as string[],
    outputs: {} as Record<string, unknown>,
    errors: [] as string[],
  };
  private root = "";

  private constructor(
    private readonly server: grpc.Server,
    readonly address: string,
  ) {}

  static async start(): Promise<RecordingEngine> {
    const server = new grpc.Server();
    let engine: RecordingEngine | undefined;
    const current = () => engine as RecordingEngine;
    server.addService(ResourceMonitorService, {
      ...unary("supportsFeature", () => new messages.SupportsFeatureResponse().setHassupport(true)),
      ...unary("registerResource", (request: messages.RegisterResourceRequest) => current().register(request)),
      ...unary("registerResourceOutputs", (request: messages.RegisterResourceOutputsRequest) => {
        if (request.getUrn() === current().root) {
          current().record.outputs = (request.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>;
        }
        return new Empty();
      }),
      ...unary("registerStackTransform", () => new Empty()),
      ...unary("signalAndWaitForShutdown", () => new Empty()),
    } as unknown as grpc.UntypedServiceImplementation);
    server.addService(EngineService, {
      ...unary("log", (request: engineMessages.LogRequest) => {
        if (request.getSeverity() === engineMessages.LogSeverity.ERROR)
          current().record.errors.push(request.getMessage());
        return new Empty();
      }),
      ...unary("getRootResource", () => new engineMessages.GetRootResourceResponse().setUrn(current().root)),
      ...unary("setRootResource", (request: engineMessages.SetRootResourceRequest) => {
        current().root = request.getUrn();
        return new engineMessages.SetRootResourceResponse();
      }),
    } as unknown as grpc.UntypedServiceImplementation);
    const port = await new Promise<number>((done, failed) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? failed(error) : done(bound),
      ),
    );
    engine = new RecordingEngine(server, `127.0.0.1:${port}`);
    return engine;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private async register(request: messages.RegisterResourceRequest): Promise<messages.RegisterResourceResponse> {
    const [type, name] = [request.getType(), request.getName()];
    this.record.registered.push(`${type} ${name}`);
    const position = request.getSourceposition()?.getUri();
    if (position) this.record.positions.push(position);
    const inputs = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
    const { id, state } = generatedOutputs({ type, name, inputs, custom: request.getCustom() });
    return new messages.RegisterResourceResponse()
      .setUrn(`urn:pulumi:test::platform::${type}::${name}`)
      .setId(id ?? "")
      .setObject(Struct.fromJavaScript((await onTheWire(state)) as Record<string, JavaScriptValue>));
  }
}

/** Secrets as the engine's protocol has them. */
async function onTheWire(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) {
    const known = value as unknown as { promise(): Promise<unknown> };
    return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: await known.promise() };
  }
  if (Array.isArray(value)) return await Promise.all(value.map(onTheWire));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(async ([key, each]) => [key, await onTheWire(each)] as const);
  return Object.fromEntries(await Promise.all(fields));
}

/** One operation of a service. What the test's side throws goes to the program as an error. */
function unary<Request, Response>(name: string, answer: (request: Request) => Response | Promise<Response>) {
  const handle: grpc.handleUnaryCall<Request, Response> = async ({ request }, callback) => {
    try {
      callback(null, await answer(request));
    } catch (error) {
      callback({ code: grpc.status.INTERNAL, details: String(error) });
    }
  };
  return { [name]: handle };
}
