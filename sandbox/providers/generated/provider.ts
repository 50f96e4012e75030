import {
  copySecretMarks,
  deepEqual,
  makeSecret,
  mapValues,
  type PropertyMap,
  reveal,
  unknownString,
} from "../protocol/property-values";
import type {
  CheckRequest,
  CheckResult,
  CreateRequest,
  CreateResult,
  DiffRequest,
  DiffResult,
  PropertyDifference,
  ReadRequest,
  ReadResult,
  ResourceProvider,
  UpdateRequest,
  UpdateResult,
} from "../protocol/resource-provider";
import { argumentFailures, withDefaults } from "./arguments";
import type { GeneratedKind } from "./generated-kind";

/** Serves resources that are computed once and then only live in the state. */
export class GeneratedResourceProvider implements ResourceProvider {
  /** @param kinds type token → kind */
  constructor(private readonly kinds: Readonly<Record<string, GeneratedKind>>) {}

  async checkConfig(inputs: PropertyMap): Promise<CheckResult> {
    return { inputs };
  }

  async diffConfig(): Promise<DiffResult> {
    return { differences: new Map() };
  }

  async configure(): Promise<void> {}

  async check({ type, newInputs }: CheckRequest): Promise<CheckResult> {
    const given = Object.fromEntries(Object.entries(newInputs).filter(([, value]) => value !== null));
    return { inputs: given, failures: argumentFailures(this.kind(type), reveal(given)) };
  }

  async diff({ type, oldInputs, oldOutputs, newInputs }: DiffRequest): Promise<DiffResult> {
    const kind = this.kind(type);
    const [before, after] = [oldInputs, newInputs].map((inputs) => withDefaults(kind, reveal(inputs)));
    const differences = new Map<string, PropertyDifference>();
    for (const [name, argument] of Object.entries(kind.arguments)) {
      const [old, wanted] = [before?.[name], after?.[name]];
      if (deepEqual(old, wanted)) continue;
      const change = old === undefined ? "add" : wanted === undefined ? "delete" : "update";
      differences.set(name, { kind: change, replace: !argument.updatable });
    }
    const outdated = kind.outdated?.({ ...reveal(oldOutputs), ...after }, new Date());
    if (outdated !== undefined) differences.set(outdated, { kind: "update", replace: true });
    return { differences };
  }

  async create({ type, inputs, preview }: CreateRequest): Promise<CreateResult> {
    const kind = this.kind(type);
    const args = withDefaults(kind, reveal(inputs));
    if (preview) {
      const unknown = Object.fromEntries(kind.outputs.map((name) => [name, unknownString]));
      return { id: "", outputs: marked(kind, { ...args, ...unknown }, inputs) };
    }
    const { id, outputs } = await kind.generate(args);
    return { id, outputs: marked(kind, { ...args, ...outputs, ...bookkeeping(kind, id) }, inputs) };
  }

  async read({ type, id, inputs, outputs }: ReadRequest): Promise<ReadResult> {
    const kind = this.kind(type);
    if (Object.keys(outputs).length > 0) {
      const refreshed = kind.refresh?.(reveal(outputs), new Date()) ?? {};
      return { id, inputs, outputs: { ...outputs, ...refreshed } };
    }
    if (!kind.import) throw new Error(`A ${type} cannot be imported: what it was made from is not known.`);
    const imported = await kind.import(id);
    const args = withDefaults(kind, imported.arguments);
    const properties = { ...args, ...imported.outputs, ...bookkeeping(kind, imported.id) };
    return { id: imported.id, inputs: imported.arguments, outputs: marked(kind, properties, inputs) };
  }

  async update({ type, oldOutputs, newInputs }: UpdateRequest): Promise<UpdateResult> {
    const kind = this.kind(type);
    const properties = { ...reveal(oldOutputs), ...withDefaults(kind, reveal(newInputs)) };
    const refreshed = kind.refresh?.(properties, new Date()) ?? {};
    return { outputs: marked(kind, { ...properties, ...refreshed }, newInputs) };
  }

  /** Nothing outside the state exists. */
  async delete(): Promise<void> {}

  cancel(): void {}

  private kind(type: string): GeneratedKind {
    const kind = this.kinds[type];
    if (kind) return kind;
    throw new Error(
      `The builtin provider does not serve ${type}. It serves ${Object.keys(this.kinds).join(", ")}. ` +
        "Use one of these, or run with the official provider.",
    );
  }
}

function marked(kind: GeneratedKind, properties: PropertyMap, inputs: PropertyMap): PropertyMap {
  const copied = copySecretMarks(properties, inputs);
  return mapValues(copied, (value, name) => (kind.secrets.includes(name) ? makeSecret(value) : value));
}

function bookkeeping({ schemaVersion }: GeneratedKind, id: string): PropertyMap {
  return schemaVersion === undefined
    ? { id }
    : { id, __meta: JSON.stringify({ schema_version: String(schemaVersion) }) };
}
