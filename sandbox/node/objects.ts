import { type ApiClient, readReply } from "../cluster/api-client";

/** An object that the real node brings along. */
export interface NodeObject {
  /** API path of the collection. */
  readonly path: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string } & Readonly<Record<string, unknown>>;
    readonly [field: string]: unknown;
  };
}

/** Creates the objects, or makes them again what they should be, in the order given. */
export async function applyObjects(api: ApiClient, objects: readonly NodeObject[]): Promise<void> {
  for (const { path, object } of objects) {
    const reply = await api.request("APPLY", `${path}/${object.metadata.name}`, object);
    readReply(reply, `apply ${object.kind} ${object.metadata.name}`);
  }
}

/** Removes the objects that are there. */
export async function removeObjects(api: ApiClient, objects: readonly NodeObject[]): Promise<void> {
  for (const { path, object } of objects) {
    const reply = await api.request("DELETE", `${path}/${object.metadata.name}`);
    if (reply.status !== 404) readReply(reply, `remove ${object.kind} ${object.metadata.name}`);
  }
}
