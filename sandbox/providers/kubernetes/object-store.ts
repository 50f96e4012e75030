import type { PropertyMap, PropertyValue } from "../protocol/property-values";
import type { ApiClient, ApiResponse } from "./api-client";
import type { Discovery, ResourceMapping } from "./discovery";
import { type GroupVersionKind, kindOf, nameOf, namespaceOf } from "./kinds";

/** Which object is meant. */
export interface ObjectReference {
  readonly gvk: GroupVersionKind;
  /** Empty for objects without a namespace. */
  readonly namespace: string;
  readonly name: string;
}

export interface WriteOptions {
  /** Owner that the server records for the written fields. */
  readonly fieldManager: string;
  /** Let the server check and complete the object without storing it. */
  readonly dryRun: boolean;
}

export type DeletionPropagation = "Foreground" | "Background" | "Orphan";

/** Objects of one cluster, whatever their kind. Every method throws what {@link ApiClient.send} throws. */
export class ObjectStore {
  constructor(
    private readonly client: ApiClient,
    readonly discovery: Discovery,
  ) {}

  async get(reference: ObjectReference): Promise<PropertyMap> {
    const path = await this.objectPath(reference);
    return (await this.client.send({ method: "GET", path })).object;
  }

  /** Creates the object; fails when one with its name exists. */
  async create(object: PropertyMap, options: WriteOptions): Promise<ApiResponse> {
    const mapping = await this.discovery.mapping(kindOf(object));
    const path = collectionPath(mapping, namespaceOf(object));
    return await this.client.send({ method: "POST", path, query: writeQuery(options), body: object });
  }

  /** Server-side apply: `fieldManager` afterwards owns exactly the fields of the object. */
  async apply(object: PropertyMap, options: WriteOptions & { readonly force: boolean }): Promise<ApiResponse> {
    return await this.client.send({
      method: "PATCH",
      path: await this.objectPath(referenceTo(object)),
      query: { ...writeQuery(options), force: String(options.force) },
      body: object,
      contentType: "application/apply-patch+yaml",
    });
  }

  /** Replaces the values at some paths of the object. */
  async patch(
    reference: ObjectReference,
    replacements: readonly { readonly path: string; readonly value: PropertyValue }[],
  ): Promise<ApiResponse> {
    return await this.client.send({
      method: "PATCH",
      path: await this.objectPath(reference),
      body: replacements.map(({ path, value }) => ({ op: "replace", path, value })),
      contentType: "application/json-patch+json",
    });
  }

  async delete(reference: ObjectReference, propagation: DeletionPropagation): Promise<void> {
    const path = await this.objectPath(reference);
    const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: propagation };
    await this.client.send({ method: "DELETE", path, body });
  }

  /** All objects of a kind in a namespace (everywhere when it is empty) that the field selector matches. */
  async list(gvk: GroupVersionKind, namespace: string, fieldSelector?: string): Promise<PropertyMap> {
    const path = collectionPath(await this.discovery.mapping(gvk), namespace);
    const query = fieldSelector === undefined ? {} : { fieldSelector };
    return (await this.client.send({ method: "GET", path, query })).object;
  }

  /** Changes of the objects of a kind since a resource version, as lines of JSON. */
  async watch(gvk: GroupVersionKind, namespace: string, resourceVersion: string, signal: AbortSignal) {
    const path = collectionPath(await this.discovery.mapping(gvk), namespace);
    const query = { watch: "true", resourceVersion, allowWatchBookmarks: "true" };
    return await this.client.stream({ method: "GET", path, query, signal });
  }

  private async objectPath({ gvk, namespace, name }: ObjectReference): Promise<string> {
    const mapping = await this.discovery.mapping(gvk);
    return `${collectionPath(mapping, namespace)}/${encodeURIComponent(name)}`;
  }
}

export function referenceTo(object: PropertyMap): ObjectReference {
  return { gvk: kindOf(object), namespace: namespaceOf(object), name: nameOf(object) };
}

function collectionPath({ gvk, plural, namespaced }: ResourceMapping, namespace: string): string {
  const root = gvk.group === "" ? `/api/${gvk.version}` : `/apis/${gvk.group}/${gvk.version}`;
  return namespaced && namespace !== "" ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`;
}

function writeQuery({ fieldManager, dryRun }: WriteOptions): Record<string, string> {
  // An unknown field would be dropped with a warning, and every later apply be refused because of it.
  return { fieldManager, fieldValidation: "Strict", ...(dryRun && { dryRun: "All" }) };
}
