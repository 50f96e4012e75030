import { randomUUID } from "node:crypto";
import type { OperationEntry } from "../providers/journal";
import {
  isMap,
  isSecret,
  makeSecret,
  mapValues,
  type PropertyMap,
  type PropertyValue,
  reveal,
} from "../providers/protocol/property-values";
import { type ExportedStack, referencesOf, type StoredResource, withoutDeleted } from "./pending-operations";

/** What a program has said about a resource when it registered it; everything that the state keeps of that. */
export interface RegistrationEntry {
  readonly step: "registration";
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly custom: boolean;
  /** `urn::id` of an explicit provider, else empty. */
  readonly provider: string;
  /** Version of the package, which names its default provider. */
  readonly version: string;
  /** Only of providers. */
  readonly inputs?: PropertyMap;
  /** What goes into the state as it is. */
  readonly options: Readonly<Record<string, unknown>>;
}

export type JournalEntry = OperationEntry | RegistrationEntry;

type Resource = StoredResource & Readonly<Record<string, unknown>>;
type Operation = Extract<OperationEntry, { step: "end" }>;

interface Identity {
  readonly stack: string;
  readonly project: string;
}

/**
 * The state that the engine of a killed run would have written: the last one, and what the run has noted since. Creations
 * and deletions that were begun become pending operations, and whoever resolves those asks the cluster.
 *
 * @param exported as `pulumi stack export` gives it
 * @param entries of the run's journal, in their order
 */
export function rebuildState<Exported extends ExportedStack>(
  exported: Exported,
  entries: readonly JournalEntry[],
  identity: Identity,
): Exported {
  const rebuilding = new Rebuilding((exported.deployment.resources ?? []) as readonly Resource[], identity);
  for (const entry of entries) {
    if (entry.step === "registration") rebuilding.register(entry);
    else rebuilding.note(entry);
  }
  const pending = [...(exported.deployment.pending_operations ?? []), ...rebuilding.pending()];
  return {
    ...exported,
    deployment: { ...exported.deployment, resources: rebuilding.result(), pending_operations: pending },
  };
}

class Rebuilding {
  private resources: Resource[];
  private readonly registrations = new Map<string, RegistrationEntry>();
  private readonly begun = new Map<string, OperationEntry & { step: "begin" }>();

  constructor(
    resources: readonly Resource[],
    private readonly identity: Identity,
  ) {
    this.resources = [...resources];
  }

  register(entry: RegistrationEntry): void {
    const urn = this.urnOf(entry);
    this.registrations.set(urn, entry);
    // An explicit provider gets its id from the engine; it is learned from the first resource that uses it.
    const [, providerUrn = "", id = ""] = /^(.*)::([^:]+)$/.exec(entry.provider) ?? [];
    if (providerUrn !== "") this.addProvider(providerUrn, id, this.registrations.get(providerUrn));
    if (!entry.custom && this.find(urn) === undefined) {
      this.resources.push({ urn, custom: false, type: entry.type, ...this.optionsOf(entry) });
    }
  }

  note(entry: OperationEntry): void {
    const key = `${entry.operation} ${entry.urn}`;
    if (entry.step === "begin") this.begun.set(key, entry);
    // A deletion that failed may come to its end later.
    else if (entry.step === "end" || entry.operation !== "delete") this.begun.delete(key);
    if (entry.step !== "end") return;
    if (entry.operation === "create") this.created(entry);
    if (entry.operation === "update") this.updated(entry);
    if (entry.operation === "delete") this.resources = withoutDeleted(this.resources, entry);
  }

  pending(): { type: string; resource: StoredResource }[] {
    return [...this.begun.values()].flatMap(({ operation, urn, type, id, inputs }) => {
      const values = { urn, custom: true, type, inputs: storedValues(inputs) };
      if (operation === "create") return [{ type: "creating", resource: { ...values, ...this.registered(urn, type) } }];
      const known = this.resources.find((each) => each.urn === urn && each.id === id);
      return operation === "delete" && known !== undefined ? [{ type: "deleting", resource: known }] : [];
    });
  }

  /** In an order in which everything comes after what it depends on. */
  result(): Resource[] {
    const urns = new Set(this.resources.map(({ urn }) => urn));
    const live = this.resources.filter((each) => each.delete !== true);
    const sorted = new Set<Resource>();
    const add = (resource: Resource) => {
      if (sorted.has(resource) || visiting.has(resource)) return;
      visiting.add(resource);
      for (const urn of referencesOf(resource)) for (const other of live) if (other.urn === urn) add(other);
      sorted.add(resource);
    };
    const visiting = new Set<Resource>();
    for (const resource of [...live, ...this.resources.filter((each) => each.delete === true)]) add(resource);
    return [...sorted].map((resource) => withoutDangling(resource, urns));
  }

  private created({ urn, type, id, inputs, outputs, reasons }: Operation): void {
    this.resources = this.resources.flatMap((each) => {
      if (each.urn !== urn || each.delete === true) return [each];
      const isTheSame = each.id === id || each.pendingReplacement === true;
      return isTheSame ? [] : [{ ...each, delete: true }];
    });
    this.resources.push({
      urn,
      custom: true,
      id,
      type,
      inputs: storedValues(inputs),
      outputs: this.storedOutputs(urn, outputs),
      ...(reasons !== undefined && { initErrors: reasons }),
      ...this.registered(urn, type),
    });
  }

  private updated({ urn, type, id, inputs, outputs, reasons }: Operation): void {
    this.resources = this.resources.map((each) => {
      if (each.urn !== urn || each.id !== id || each.delete === true) return each;
      const { initErrors: _, ...rest } = each;
      const values = { inputs: storedValues(inputs), outputs: this.storedOutputs(urn, outputs) };
      return {
        ...rest,
        ...values,
        ...(reasons !== undefined && { initErrors: reasons }),
        ...this.registered(urn, type),
      } as Resource;
    });
  }

  /** With a mark on what the program calls secret, as the engine does it. */
  private storedOutputs(urn: string, outputs: PropertyMap): Record<string, PropertyValue> {
    const secret = (this.registrations.get(urn)?.options["additionalSecretOutputs"] ?? []) as readonly string[];
    return storedValues(mapValues(outputs, (value, key) => (secret.includes(key) ? makeSecret(value) : value)));
  }

  private registered(urn: string, type: string): Record<string, unknown> {
    const entry = this.registrations.get(urn);
    if (entry === undefined) return {};
    return { ...this.optionsOf(entry), provider: entry.provider || this.defaultProvider(type, entry.version) };
  }

  private optionsOf({ parent, options }: RegistrationEntry): Record<string, unknown> {
    return { ...(parent !== "" && { parent }), ...options };
  }

  /** The engine makes it without a registration; its id is arbitrary as long as all use the same. */
  private defaultProvider(type: string, version: string): string {
    const name = type.split(":")[0] ?? "";
    const { stack, project } = this.identity;
    const urn =
      `urn:pulumi:${stack}::${project}::pulumi:providers:${name}::` + `default_${version.replace(/[.+-]/g, "_")}`;
    const id = this.find(urn)?.id ?? randomUUID();
    const values = { version };
    this.addProvider(urn, id, undefined, values);
    return `${urn}::${id}`;
  }

  private addProvider(urn: string, id: string, registered: RegistrationEntry | undefined, values: PropertyMap = {}) {
    const known = this.find(urn);
    if (known?.id === id) return;
    if (known !== undefined)
      this.resources = this.resources.map((each) => (each === known ? { ...each, delete: true } : each));
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const version = registered?.version;
    const given = { ...(registered?.inputs ?? values), ...(version && { version }) };
    const outputs = storedValues(given);
    const inputs = { ...outputs, __internal: {} };
    const options = registered === undefined ? {} : this.optionsOf(registered);
    this.resources.push({ urn, custom: true, id, type, inputs, outputs, ...options });
  }

  private find(urn: string): Resource | undefined {
    return this.resources.find((each) => each.urn === urn && each.delete !== true);
  }

  private urnOf({ type, name, parent }: RegistrationEntry): string {
    const { stack, project } = this.identity;
    const parentType = parent.split("::")[2] ?? "";
    const prefix = parentType === "" || parentType === "pulumi:pulumi:Stack" ? "" : `${parentType}$`;
    return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
  }
}

/** Without dependencies on what was registered, but never made. */
function withoutDangling(resource: Resource, urns: ReadonlySet<string>): Resource {
  const known = (list: unknown) => ((list ?? []) as string[]).filter((urn) => urns.has(urn));
  const { dependencies, propertyDependencies } = resource;
  const isDangling = (key: string) => typeof resource[key] === "string" && !urns.has(resource[key]);
  const rest = Object.fromEntries(
    Object.entries(resource).filter(([key]) => !["parent", "deletedWith"].includes(key) || !isDangling(key)),
  ) as Resource;
  return {
    ...rest,
    ...(dependencies !== undefined && { dependencies: known(dependencies) }),
    ...(propertyDependencies !== undefined && {
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies as Record<string, string[]>).map(([key, list]) => [key, known(list)]),
      ),
    }),
  };
}

/** Values as the state has them: the provider's marks carry a secret's value, those of the state its JSON. */
function storedValues(map: PropertyMap): Record<string, PropertyValue> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, storedValue(value)]));
}

function storedValue(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(storedValue);
  if (!isMap(value)) return value;
  if (!isSecret(value)) return storedValues(value);
  const { value: _, ...mark } = value;
  return { ...mark, plaintext: JSON.stringify(reveal(value)) };
}
