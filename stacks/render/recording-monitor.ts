import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { UNKNOWN_SECRET } from "../settings/secrets";
import { generatedOutputs } from "./generated-outputs";

/** A resource as the program registered it. */
export interface Registration {
  readonly urn: string;
  /** Type token, for example `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** Inputs as plain values; what is secret is {@link UNKNOWN_SECRET}. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs of the resources whose outputs it uses, and of explicit dependencies. */
  readonly dependencies: readonly string[];
  /** The former alone, by top-level property. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** False for components, which exist in the program only. */
  readonly custom: boolean;
  /** URN of its provider, when it is the program's own one. */
  readonly provider?: string;
  /** Resource options that decide what becomes of it when it, or what it depends on, is replaced. */
  readonly options: {
    readonly deleteBeforeReplace?: boolean;
    readonly replaceOnChanges: readonly string[];
    readonly deletedWith?: string;
    readonly protect: boolean;
  };
}

/** Marks of the engine's protocol for special values. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** The part of a registration request that is read here; the SDK does not declare its type. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): ProtocolMap<{ getUrnsList(): string[] }>;
  getCustom(): boolean;
  getProvider(): string;
  getProtect(): boolean;
  getDeletebeforereplace(): boolean;
  getDeletebeforereplacedefined(): boolean;
  getReplaceonchangesList(): string[];
  getDeletedwith(): string;
}

interface ProtocolMap<Value> {
  forEach(use: (value: Value, key: string) => void): void;
}

interface RegisterResponse {
  getUrn(): string;
}

/**
 * Takes the place of the engine. The SDK's own mock monitor shows resources with their secrets opened; this one reads
 * the request before, where every single secret is still marked.
 */
class RecordingMonitor extends MockMonitor {
  readonly registrations: Registration[] = [];

  constructor() {
    super({ newResource: generatedOutputs, call: refuseCall });
  }

  override async registerResource(
    request: RegisterRequest,
    callback: (error: unknown, response: RegisterResponse) => void,
  ): Promise<void> {
    await super.registerResource(request, (error: unknown, response: RegisterResponse) => {
      if (!error) {
        this.registrations.push({
          urn: response.getUrn(),
          type: request.getType(),
          name: request.getName(),
          inputs: withoutSecrets(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
          dependencies: request.getDependenciesList(),
          propertyDependencies: propertyDependencies(request),
          custom: request.getCustom(),
          ...(request.getProvider() !== "" && { provider: request.getProvider().replace(/::[^:]*$/, "") }),
          options: optionsOf(request),
        });
      }
      callback(error, response);
    });
  }
}

/** Runs a program without engine and cluster and returns what it registered, in the order of registration. */
export async function recordProgram(
  program: () => Promise<unknown>,
  { project, stack, configuration, secretKeys }: ProgramEnvironment,
): Promise<Registration[]> {
  const monitor = new RecordingMonitor();
  // A run on an engine before, in the same process, leaves its address behind.
  pulumi.runtime.resetOptions(project, stack, -1, "", "", false, "organization");
  await pulumi.runtime.setMocks(monitor.mocks, project, stack, false, "organization"); // switches the SDK's features on
  pulumi.runtime.setMockOptions(monitor, project, stack, false, "organization");
  pulumi.runtime.setAllConfig(configuration, [...secretKeys]);
  await pulumi.runtime.runInPulumiStack(program);
  await pulumi.runtime.disconnect(); // waits for registrations that are still under way
  return monitor.registrations;
}

export interface ProgramEnvironment {
  readonly project: string;
  readonly stack: string;
  /** As the engine hands it over: full keys, objects as JSON. */
  readonly configuration: Record<string, string>;
  /** Full keys of what the stack file holds encrypted. */
  readonly secretKeys: readonly string[];
}

function propertyDependencies(request: RegisterRequest): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((urns, property) => {
    found[property] = urns.getUrnsList();
  });
  return found;
}

function optionsOf(request: RegisterRequest): Registration["options"] {
  const deletedWith = request.getDeletedwith();
  return {
    // Said or not said: without a word the provider decides.
    ...(request.getDeletebeforereplacedefined() && { deleteBeforeReplace: request.getDeletebeforereplace() }),
    replaceOnChanges: request.getReplaceonchangesList(),
    ...(deletedWith !== "" && { deletedWith }),
    protect: request.getProtect(),
  };
}

function refuseCall({ token }: pulumi.runtime.MockCallArgs): never {
  throw new Error(`The program calls the provider function ${token}, which cannot be answered without a cluster.`);
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const fields = value as Record<string, unknown>;
  return fields[SIGNATURE] === SECRET_SIGNATURE ? closed(fields["value"]) : mapFields(fields, withoutSecrets);
}

/** A secret without its values; the names of its fields stay, because a reader needs them and they give nothing away. */
function closed(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? mapFields(value as Record<string, unknown>, closed)
    : UNKNOWN_SECRET;
}

function mapFields(fields: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, change(each)]));
}
