import { apiVersionOf, type GroupVersionKind } from "../kinds";
import type { ObjectStore } from "../object-store";
import { WatchedCollection } from "./watched-collection";

/** How long a collection stays open after its last use, in milliseconds: the next resource often needs it again. */
const lingerTime = 2000;

interface Entry {
  readonly collection: Promise<WatchedCollection>;
  users: number;
  closing?: NodeJS.Timeout;
}

/** Collections of one cluster, shared by everybody who waits for something in them. */
export class ClusterView {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly store: ObjectStore) {}

  /** Opens a collection, or joins the one that is open; every call needs one {@link release}. */
  async acquire(gvk: GroupVersionKind, namespace: string): Promise<WatchedCollection> {
    const key = keyOf(gvk, namespace);
    const entry = this.entries.get(key) ?? { collection: WatchedCollection.open(this.store, gvk, namespace), users: 0 };
    clearTimeout(entry.closing);
    entry.users += 1;
    this.entries.set(key, entry);
    try {
      return await entry.collection;
    } catch (error) {
      // Somebody else who failed may have made room for a new attempt already.
      if (this.entries.get(key) === entry) this.entries.delete(key);
      throw error;
    }
  }

  release(gvk: GroupVersionKind, namespace: string): void {
    const key = keyOf(gvk, namespace);
    const entry = this.entries.get(key);
    if (!entry) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.closing = setTimeout(() => {
      this.entries.delete(key);
      void entry.collection.then((collection) => collection.stop());
    }, lingerTime);
    entry.closing.unref();
  }

  /** Stops all watches. */
  close(): void {
    for (const { collection, closing } of this.entries.values()) {
      clearTimeout(closing);
      collection.then(
        (open) => open.stop(),
        () => {},
      );
    }
    this.entries.clear();
  }
}

function keyOf(gvk: GroupVersionKind, namespace: string): string {
  return `${apiVersionOf(gvk)}/${gvk.kind}/${namespace}`;
}
