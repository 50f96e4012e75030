import { deepEqual, type PropertyMap, reveal } from "../protocol/property-values";
import type {
  CheckRequest,
  CheckResult,
  CreateRequest,
  CreateResult,
  DeleteRequest,
  DiffRequest,
  DiffResult,
  EngineLog,
  PropertyDifference,
  ReadRequest,
  ReadResult,
  ResourceProvider,
  UpdateRequest,
  UpdateResult,
} from "../protocol/resource-provider";
import { isAnnotated } from "./annotations";
import { UnreachableError } from "./api-error";
import { checkInputs } from "./check";
import { readCheckpoint } from "./checkpoint";
import { type Configuration, configurationFailures, readConfiguration } from "./configuration";
import { type AccessFinder, type Connection, connect } from "./connection";
import { createObject } from "./create-object";
import { deleteObject } from "./delete-object";
import { diffObject, replaceUnready } from "./diff";
import { isTakenOver } from "./field-managers";
import { explainUse, usersOf } from "./in-use";
import { kindOf } from "./kinds";
import { replacingArguments } from "./kubeconfig";
import { namedTwice, ProgramObjects } from "./program-objects";
import { readObject } from "./read-object";
import { addressed, applyInputs, sentInputs, updateObject } from "./update-object";

/** Provider of the package `kubernetes`; see `docs/providers.md` for what it covers. */
export function kubernetesProvider(
  log: EngineLog,
  find?: AccessFinder,
  options: ProviderOptions = {},
): ResourceProvider {
  return new KubernetesProvider(log, find, options);
}

export interface ProviderOptions {
  /** Nobody else needs the API server, so that requests are not held back. @default false */
  readonly unlimited?: boolean;
}

class KubernetesProvider implements ResourceProvider {
  private readonly cancellation = new AbortController();
  private readonly program = new ProgramObjects();
  private configuration: Configuration | undefined;
  private connection: Connection | undefined;
  /** Why there is no connection, when the configuration tells to go on without one. */
  private unreachable = "The provider is not configured.";

  constructor(
    private readonly log: EngineLog,
    private readonly find: AccessFinder | undefined,
    private readonly providerOptions: ProviderOptions,
  ) {}

  async checkConfig(inputs: PropertyMap): Promise<CheckResult> {
    return { inputs, failures: configurationFailures(inputs) };
  }

  async diffConfig(oldInputs: PropertyMap, newInputs: PropertyMap): Promise<DiffResult> {
    const names = new Set([...Object.keys(oldInputs), ...Object.keys(newInputs)]);
    const changed = [...names].filter((name) => !deepEqual(oldInputs[name], newInputs[name]));
    const replacing = changed.length === 0 ? [] : await replacingArguments(oldInputs, newInputs);
    const difference = (name: string): PropertyDifference => ({
      kind: !(name in oldInputs) ? "add" : !(name in newInputs) ? "delete" : "update",
      replace: replacing.includes(name),
    });
    return { differences: new Map(changed.map((name) => [name, difference(name)])) };
  }

  async configure(args: PropertyMap): Promise<void> {
    const configuration = readConfiguration(args, process.env);
    this.configuration = this.providerOptions.unlimited ? { ...configuration, requestsPerSecond: 0 } : configuration;
    try {
      this.connection = await connect(this.configuration, this.log, this.cancellation.signal, this.program, this.find);
    } catch (error) {
      const { skipUpdateUnreachable, deleteUnreachable } = this.configuration;
      if (!(error instanceof UnreachableError) || !(skipUpdateUnreachable || deleteUnreachable)) throw error;
      this.unreachable = error.message;
    }
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    const { connection } = this;
    if (!connection && this.configuration?.skipUpdateUnreachable && Object.keys(request.oldInputs).length > 0) {
      await this.log("warning", request.urn, `${this.unreachable} The object is left as the state has it.`);
      return { inputs: request.oldInputs };
    }
    const namespace = connection?.namespace ?? this.configuration?.namespace ?? "default";
    const checked = await checkInputs(request, { discovery: connection?.store.discovery, namespace });
    if (checked.failures && checked.failures.length > 0) return checked;
    const other = this.program.note(request.urn, checked.inputs, Object.keys(request.oldInputs).length > 0);
    if (other === undefined) return checked;
    const reason = namedTwice(reveal(checked.inputs), request.urn, other);
    return { inputs: checked.inputs, failures: [{ property: "metadata.name", reason }] };
  }

  async diff(request: DiffRequest): Promise<DiffResult> {
    const { connection } = this;
    if (!connection)
      return await diffObject(request, this.options(), () => Promise.reject(new Error(this.unreachable)));
    const checkpoint = readCheckpoint(request.oldOutputs);
    const { live } = checkpoint;
    const result = await diffObject(request, this.options(), async (inputs, fieldManager = "pulumi-kubernetes") => {
      const takeover = { fieldManager, sent: sentInputs(checkpoint, inputs) };
      const options = { ...takeover, dryRun: true };
      const { object, before } = await applyInputs(addressed(inputs, live), options, request.ignoreChanges, connection);
      return { object, isTakenOver: (path) => isTakenOver(before, takeover, path) };
    });
    const inputs = reveal(request.newInputs);
    if (result.differences.size > 0) this.program.noteChange(inputs);
    if ([...result.differences.values()].some(({ replace }) => replace))
      await this.warnOfUse(live, request.urn, connection);
    if (!isAnnotated(inputs, "replaceUnready") || kindOf(inputs).kind !== "Job") return result;
    return (await connection.waiter.problem(live, inputs)) ? replaceUnready(result) : result;
  }

  /** A replacement deletes the old object; whether that can succeed is to be known before it is begun. */
  private async warnOfUse(live: PropertyMap, urn: string, { store, log }: Connection): Promise<void> {
    const users = await usersOf(live, store);
    if (users.length > 0) await log("warning", urn, `It is to be replaced. ${explainUse(live, users)}`);
  }

  async create(request: CreateRequest): Promise<CreateResult> {
    if (!this.connection && request.preview) return { id: "", outputs: request.inputs };
    return await createObject(request, this.connected());
  }

  async read(request: ReadRequest): Promise<ReadResult> {
    if (!this.connection && this.configuration?.deleteUnreachable) return undefined;
    if (!this.connection && this.configuration?.skipUpdateUnreachable) return request;
    return await readObject(request, this.connected());
  }

  async update(request: UpdateRequest): Promise<UpdateResult> {
    if (!this.connection && request.preview) return { outputs: request.newInputs };
    return await updateObject(request, this.connected());
  }

  async delete(request: DeleteRequest): Promise<void> {
    if (!this.connection && this.configuration?.deleteUnreachable) return;
    await deleteObject(request, this.connected());
  }

  cancel(): void {
    // Requests under way still get their answer: an object that is being created must not be lost from the state.
    this.cancellation.abort();
  }

  private options(): Configuration {
    if (!this.configuration) throw new Error(this.unreachable);
    return this.configuration;
  }

  private connected(): Connection {
    if (!this.connection) throw new Error(this.unreachable);
    return this.connection;
  }
}
