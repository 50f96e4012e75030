import { mapsAt, stringAt } from "../protocol/property-values";
import type { ApiClient } from "./api-client";
import { apiVersionOf, type GroupVersionKind } from "./kinds";

/** Where objects of one kind are found. */
export interface ResourceMapping {
  readonly gvk: GroupVersionKind;
  /** Plural name in paths, e.g. `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** The status is written by controllers only; what a program says about it is dropped. */
  readonly hasStatus: boolean;
}

/** The API server has no such kind, at least not yet. */
export class UnknownKindError extends Error {
  override readonly name = "UnknownKindError";

  constructor(gvk: GroupVersionKind) {
    super(
      `The cluster has no kind ${gvk.kind} in ${apiVersionOf(gvk)}. If it is a custom resource, create its ` +
        "CustomResourceDefinition first and let this resource depend on it; otherwise correct apiVersion and kind.",
    );
  }
}

/** One document for all groups instead of a request for each of them. */
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** The kinds that the API server knows. Read once, and again when a kind is missing. */
export class Discovery {
  private mappings: Promise<ReadonlyMap<string, ResourceMapping>> | undefined;

  constructor(private readonly client: ApiClient) {}

  /** Throws {@link UnknownKindError} when the server has no such kind, not even after asking anew. */
  async mapping(gvk: GroupVersionKind): Promise<ResourceMapping> {
    const asked = this.mappings;
    const known = (await this.load()).get(keyOf(gvk));
    if (known) return known;
    // Only whoever still sees the answer that lacks the kind asks again; the others share the new answer.
    if (asked !== undefined && this.mappings === asked) this.forget();
    const found = (await this.load()).get(keyOf(gvk));
    if (!found) throw new UnknownKindError(gvk);
    return found;
  }

  /** Like {@link mapping}, but undefined for a kind that the server does not have. */
  async find(gvk: GroupVersionKind): Promise<ResourceMapping | undefined> {
    try {
      return await this.mapping(gvk);
    } catch (error) {
      if (error instanceof UnknownKindError) return undefined;
      throw error;
    }
  }

  /** Like {@link find}, but without asking the server again for a kind that it did not have. */
  async known(gvk: GroupVersionKind): Promise<ResourceMapping | undefined> {
    return (await this.load()).get(keyOf(gvk));
  }

  /** Asks the server; throws when it cannot be reached. */
  async load(): Promise<ReadonlyMap<string, ResourceMapping>> {
    this.mappings ??= this.fetch().catch((error) => {
      this.forget();
      throw error;
    });
    return await this.mappings;
  }

  forget(): void {
    this.mappings = undefined;
  }

  private async fetch(): Promise<ReadonlyMap<string, ResourceMapping>> {
    const documents = await Promise.all(
      ["/api", "/apis"].map((path) => this.client.send({ method: "GET", path, accept: aggregated })),
    );
    const mappings = documents.flatMap(({ object }) => mapsAt(object, "items").flatMap(mappingsOfGroup));
    return new Map(mappings.map((mapping) => [keyOf(mapping.gvk), mapping]));
  }
}

function keyOf(gvk: GroupVersionKind): string {
  return `${apiVersionOf(gvk)}/${gvk.kind}`;
}

function mappingsOfGroup(group: Parameters<typeof mapsAt>[0]): ResourceMapping[] {
  const groupName = stringAt(group, "metadata", "name") ?? "";
  return mapsAt(group, "versions").flatMap((version) =>
    mapsAt(version, "resources").map((resource) => ({
      gvk: {
        group: groupName,
        version: stringAt(version, "version") ?? "",
        kind: stringAt(resource, "responseKind", "kind") ?? "",
      },
      plural: stringAt(resource, "resource") ?? "",
      namespaced: stringAt(resource, "scope") === "Namespaced",
      hasStatus: mapsAt(resource, "subresources").some((each) => stringAt(each, "subresource") === "status"),
    })),
  );
}
