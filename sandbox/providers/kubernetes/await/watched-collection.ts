import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { isMap, mapAt, mapsAt, type PropertyMap, stringAt } from "../../protocol/property-values";
import { ApiError, isRefusal, UnreachableError } from "../api-error";
import { apiVersionOf, type GroupVersionKind, idOf } from "../kinds";
import type { ObjectStore } from "../object-store";

/** Pause before a broken watch is opened again, in milliseconds. */
const reconnectPause = 500;

/** So many refusals in a row, about five seconds, are meant. */
const finalRefusals = 10;

/** All objects of one kind in one namespace, kept current by a watch. */
export class WatchedCollection {
  /** Why it is not kept current at present; undefined when it is. */
  failure: ApiError | UnreachableError | undefined;
  /** How often in a row the watch was refused for want of rights. */
  private refusals = 0;
  private readonly objects = new Map<string, PropertyMap>();
  private readonly listeners = new Set<() => void>();
  private readonly stopped = new AbortController();

  private constructor(
    private readonly store: ObjectStore,
    private readonly gvk: GroupVersionKind,
    private readonly namespace: string,
  ) {}

  /** Reads the objects and begins to watch them. Throws when they cannot be listed. */
  static async open(store: ObjectStore, gvk: GroupVersionKind, namespace: string): Promise<WatchedCollection> {
    const collection = new WatchedCollection(store, gvk, namespace);
    const resourceVersion = await collection.list();
    void collection.follow(resourceVersion);
    return collection;
  }

  all(): PropertyMap[] {
    return [...this.objects.values()];
  }

  /** The object with an id (`namespace/name` or `name`). */
  find(id: string): PropertyMap | undefined {
    return this.objects.get(id);
  }

  /** Calls back after every change and failure until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stop(): void {
    this.stopped.abort();
  }

  private async list(): Promise<string> {
    const list = await this.store.list(this.gvk, this.namespace);
    this.objects.clear();
    for (const item of mapsAt(list, "items")) {
      // Items of a list do not repeat what kind they are.
      const object = { ...item, apiVersion: apiVersionOf(this.gvk), kind: this.gvk.kind };
      this.objects.set(idOf(object), object);
    }
    this.notify();
    return stringAt(list, "metadata", "resourceVersion") ?? "";
  }

  /** Watches until {@link stop}; a watch that ends or breaks is opened again where it stopped. */
  private async follow(from: string): Promise<void> {
    let resourceVersion: string | undefined = from;
    while (!this.stopped.signal.aborted) {
      try {
        resourceVersion = await this.watch(resourceVersion ?? (await this.list()));
      } catch (error) {
        if (this.stopped.signal.aborted) return;
        // Too old to continue from: begin with a new list. Anything else may pass.
        if (error instanceof ApiError && error.code === 410) resourceVersion = undefined;
        else if (error instanceof ApiError || error instanceof UnreachableError) this.fail(error);
        await sleep(reconnectPause);
      }
    }
  }

  private async watch(from: string): Promise<string> {
    let resourceVersion = from;
    const stream = await this.store.watch(this.gvk, this.namespace, from, this.stopped.signal);
    this.failure = undefined;
    this.refusals = 0;
    for await (const line of createInterface({ input: stream })) {
      const event = JSON.parse(line) as PropertyMap;
      const object = mapAt(event, "object");
      if (event["type"] === "ERROR") throw ApiError.fromResponse(Number(object["code"]), object, "a watch");
      resourceVersion = stringAt(object, "metadata", "resourceVersion") ?? resourceVersion;
      this.apply(String(event["type"]), object);
    }
    return resourceVersion;
  }

  private apply(type: string, object: PropertyMap): void {
    if (type === "BOOKMARK" || !isMap(object["metadata"])) return;
    if (type === "DELETED") this.objects.delete(idOf(object));
    else this.objects.set(idOf(object), object);
    this.notify();
  }

  /** Whoever waits has to know that what they wait for may go unseen. */
  private fail(error: ApiError | UnreachableError): void {
    this.failure = error;
    this.refusals = isRefusal(error) ? this.refusals + 1 : 0;
    this.notify();
  }

  /** Whether the right to watch is missing. A server that has just started may refuse for a moment what it grants later. */
  get isRefused(): boolean {
    return this.refusals >= finalRefusals;
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
