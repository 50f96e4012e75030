import type { PropertyMap } from "./property-values";

/** What every request about one resource tells. */
export interface ResourceRequest {
  readonly urn: string;
  /** Logical name of the resource in the program. */
  readonly name: string;
  /** Type token, e.g. `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
}

export interface CheckRequest extends ResourceRequest {
  /** Checked inputs of the last deployment; empty for a resource that is new. */
  readonly oldInputs: PropertyMap;
  readonly newInputs: PropertyMap;
  /** Source of the generated part of names; the same in a preview and the update that follows it. */
  readonly randomSeed: Uint8Array;
  /** Name that the engine's `pulumi:autonaming` configuration asks for. */
  readonly autonaming?: { readonly proposedName: string; readonly disabled: boolean };
}

export interface CheckFailure {
  /** Property path; empty when the whole resource is meant. */
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

export interface DiffRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  /** Outputs of the last deployment, as the state keeps them. */
  readonly oldOutputs: PropertyMap;
  readonly newInputs: PropertyMap;
  /** Property paths whose changes do not count. */
  readonly ignoreChanges: readonly string[];
}

export interface PropertyDifference {
  readonly kind: "add" | "delete" | "update";
  /** The change cannot be made in place. */
  readonly replace: boolean;
}

export interface DiffResult {
  /** Property path in the engine's notation → what happens to the property there. */
  readonly differences: ReadonlyMap<string, PropertyDifference>;
  /** Whether a replacement has to delete the old object first, because both have the same name. */
  readonly deleteBeforeReplace?: boolean;
}

export interface CreateRequest extends ResourceRequest {
  readonly inputs: PropertyMap;
  /** Seconds from the resource option `customTimeouts`; 0 when it is not set. */
  readonly timeout: number;
  readonly preview: boolean;
}

export interface CreateResult {
  /** Empty during a preview. */
  readonly id: string;
  readonly outputs: PropertyMap;
}

export interface ReadRequest extends ResourceRequest {
  readonly id: string;
  /** Empty when the resource is being imported. */
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/** The resource as it is now; undefined when it does not exist any more. */
export type ReadResult =
  | { readonly id: string; readonly inputs: PropertyMap; readonly outputs: PropertyMap }
  | undefined;

export interface UpdateRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldOutputs: PropertyMap;
  readonly newInputs: PropertyMap;
  readonly ignoreChanges: readonly string[];
  readonly timeout: number;
  readonly preview: boolean;
}

export interface UpdateResult {
  readonly outputs: PropertyMap;
}

export interface DeleteRequest extends ResourceRequest {
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
  readonly timeout: number;
}

/**
 * Shows one message to the person who watches the deployment; resolves when the engine has it. Messages keep their
 * order.
 *
 * @param urn resource it belongs to
 * @param ephemeral shown only while the resource is being worked on; an empty message clears it
 */
export type EngineLog = (
  severity: "info" | "warning",
  urn: string,
  message: string,
  ephemeral?: boolean,
) => Promise<void>;

/**
 * What one provider does, free of transport. The engine makes one instance for every provider resource (and for the
 * default provider) and calls `configure` before anything that touches a resource.
 */
export interface ResourceProvider {
  checkConfig(inputs: PropertyMap): Promise<CheckResult>;
  diffConfig(oldInputs: PropertyMap, newInputs: PropertyMap): Promise<DiffResult>;
  /** Throws when the provider cannot work with this configuration. */
  configure(args: PropertyMap): Promise<void>;
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<CreateResult>;
  read(request: ReadRequest): Promise<ReadResult>;
  update(request: UpdateRequest): Promise<UpdateResult>;
  delete(request: DeleteRequest): Promise<void>;
  /** Ends everything under way; operations that wait fail with an {@link InitializationError}. */
  cancel(): void;
}

/** Makes the instance that serves one connection of the engine. */
export type ProviderFactory = (log: EngineLog) => Promise<ResourceProvider>;

/**
 * The object exists but is not ready. The engine keeps the object's state together with the reasons, fails the
 * operation, and calls `update` in the next deployment even when no input has changed.
 */
export class InitializationError extends Error {
  override readonly name = "InitializationError";

  constructor(
    message: string,
    readonly details: {
      readonly id: string;
      readonly outputs: PropertyMap;
      /** Set by `read` only. */
      readonly inputs?: PropertyMap;
      readonly reasons: readonly string[];
    },
  ) {
    super(message);
  }
}
