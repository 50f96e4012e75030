import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { AccessFinder } from "../../sandbox/providers/kubernetes/connection";
import type { ClusterAccess } from "../../sandbox/providers/kubernetes/kubeconfig";
import { kubernetesProvider } from "../../sandbox/providers/kubernetes/provider";
import { formatPath, parsePath } from "../../sandbox/providers/protocol/property-path";
import type { PropertyMap } from "../../sandbox/providers/protocol/property-values";
import type { DiffResult, ResourceProvider } from "../../sandbox/providers/protocol/resource-provider";

/** What the state has of an object. */
export interface StoredObject {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/** The kubernetes provider on a real API server, driven as the engine does it but without the engine. */
export class KubernetesObjects {
  readonly warnings: string[] = [];
  private readonly provider: ResourceProvider;

  private constructor(find: AccessFinder) {
    this.provider = kubernetesProvider(async (severity, _urn, message) => {
      if (severity === "warning") this.warnings.push(message);
    }, find);
  }

  static async connect(kubeconfig: string, args: PropertyMap = {}): Promise<KubernetesObjects> {
    const objects = new KubernetesObjects(async () => accessOf(kubeconfig));
    await objects.provider.configure({ enablePatchForce: "true", ...mutable, ...args });
    return objects;
  }

  /** @throws what a check refuses */
  async check(object: PropertyMap, stored?: StoredObject, name?: string): Promise<PropertyMap> {
    const request = {
      ...identity(object, stored, name),
      oldInputs: stored?.inputs ?? {},
      newInputs: object,
      randomSeed: randomBytes(16),
    };
    const { inputs, failures = [] } = await this.provider.check(request);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    return inputs;
  }

  /** What a preview of a new resource shows. @throws what it refuses */
  async previewCreate(object: PropertyMap, name?: string): Promise<PropertyMap> {
    const inputs = await this.check(object, undefined, name);
    const request = { ...identity(object, undefined, name), inputs, timeout: 0, preview: true };
    return (await this.provider.create(request)).outputs;
  }

  async create(object: PropertyMap, name?: string): Promise<StoredObject> {
    const inputs = await this.check(object, undefined, name);
    const request = { ...identity(object, undefined, name), inputs, timeout: 0, preview: false };
    const { id, outputs } = await this.provider.create(request);
    return { urn: request.urn, id, inputs, outputs };
  }

  /** Differences as the preview shows them: `update spec.replicas`, with `replace ` in front where they replace. */
  async differences(stored: StoredObject, object: PropertyMap): Promise<string[]> {
    return describe(await this.diff(stored, await this.check(object, stored)));
  }

  /** A diff with inputs as they are, unknown values included. */
  async diff(stored: StoredObject, newInputs: PropertyMap): Promise<DiffResult> {
    return await this.provider.diff({
      ...identity(newInputs, stored),
      id: stored.id,
      oldInputs: stored.inputs,
      oldOutputs: stored.outputs,
      newInputs,
      ignoreChanges: [],
    });
  }

  async update(stored: StoredObject, object: PropertyMap, preview = false): Promise<StoredObject> {
    const inputs = await this.check(object, stored);
    const { outputs } = await this.provider.update({
      ...identity(object, stored),
      id: stored.id,
      oldInputs: stored.inputs,
      oldOutputs: stored.outputs,
      newInputs: inputs,
      ignoreChanges: [],
      timeout: 0,
      preview,
    });
    return { ...stored, inputs, outputs };
  }

  /** What a refresh makes of it. */
  async refresh(stored: StoredObject): Promise<StoredObject> {
    const { urn, id, inputs, outputs } = stored;
    const found = await this.provider.read({ ...identity(inputs, stored), urn, id, inputs, outputs });
    if (found === undefined) throw new Error(`${id} is gone`);
    return { ...stored, inputs: found.inputs, outputs: found.outputs };
  }

  async import(object: PropertyMap, id: string): Promise<StoredObject> {
    const request = { ...identity(object), id, inputs: {}, outputs: {} };
    const found = await this.provider.read(request);
    if (found === undefined) throw new Error(`${id} does not exist`);
    return { urn: request.urn, id: found.id, inputs: found.inputs, outputs: found.outputs };
  }

  /** @param timeout seconds */
  async delete(stored: StoredObject, timeout = 0): Promise<void> {
    await this.provider.delete({ ...identity(stored.inputs, stored), ...stored, timeout });
  }

  close(): void {
    this.provider.cancel();
  }
}

/** Jest cannot load the library that reads kubeconfigs; that of the embedded cluster is simple. */
function accessOf(path: string): ClusterAccess {
  const { clusters, users } = parse(readFileSync(path, "utf8")) as Kubeconfig;
  const [user = {}, cluster = {}] = [users[0]?.user, clusters[0]?.cluster];
  const content = (from: Readonly<Record<string, string>>, name: string) => {
    const data = from[`${name}-data`];
    return data === undefined ? readFileSync(from[name] ?? "") : Buffer.from(data, "base64");
  };
  const cert = content(user, "client-certificate");
  const credentials = { cert, key: content(user, "client-key"), rejectUnauthorized: false };
  return {
    server: new URL(cluster["server"] ?? ""),
    context: "test",
    cluster: "test",
    user: "test",
    namespace: "default",
    credentials: async () => credentials,
  };
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

const mutable = { enableConfigMapMutable: "true", enableSecretMutable: "true" };

export function describe({ differences }: DiffResult): string[] {
  return [...differences]
    .map(([path, { kind, replace }]) => `${replace ? "replace " : ""}${kind} ${formatPath(parsePath(path))}`)
    .sort();
}

function identity(object: PropertyMap, stored?: StoredObject, given?: string) {
  const [apiVersion = "", kind = ""] = [String(object["apiVersion"]), String(object["kind"])];
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
  const name = given ?? stored?.urn.split("::").at(-1) ?? `object-${nameIn(object)}`;
  return { urn: stored?.urn ?? `urn:pulumi:test::objects::${type}::${name}`, type, name };
}

function nameIn(object: PropertyMap): string {
  const metadata = object["metadata"] as { name?: string; namespace?: string } | undefined;
  return `${metadata?.namespace ?? ""}-${metadata?.name ?? ""}`;
}
