import { type PropertyMap, stringAt } from "../../protocol/property-values";
import type { EngineLog } from "../../protocol/resource-provider";
import { isAnnotated, timeoutOf } from "../annotations";
import { type GroupVersionKind, idOf, kindOf, namespaceOf } from "../kinds";
import type { ObjectStore } from "../object-store";
import { ClusterView } from "./cluster-view";
import { warningEvents } from "./events";
import { explainUnseen, NotReadyError, unseen } from "./not-ready";
import type { Readiness, ReadinessRule, Surroundings } from "./readiness";
import { ruleFor } from "./rules";
import type { WatchedCollection } from "./watched-collection";

/** How often the events of an object that is not ready are looked at, in milliseconds. */
const eventInterval = 5000;

/** Of many Pods that are not ready, the first ones tell why. */
const mostCulprits = 3;

/** Waits until objects are ready, and says why they are not. */
export class ReadinessWaiter {
  private readonly view: ClusterView;

  constructor(
    private readonly store: ObjectStore,
    private readonly log: EngineLog,
    private readonly cancelled: AbortSignal,
  ) {
    this.view = new ClusterView(store);
    cancelled.addEventListener("abort", () => this.view.close());
  }

  /**
   * Gives the object as it is when it is ready.
   *
   * @param applied the object as the server answered to the change
   * @param inputs annotations that say whether and how long to wait
   * @throws NotReadyError at the time-out, on cancellation, when it can never become ready, or when the rights to see
   *   it are missing; anything else when it or what its readiness depends on cannot be listed
   */
  async wait(
    applied: PropertyMap,
    inputs: PropertyMap,
    { urn, timeout: customTimeout }: { readonly urn: string; readonly timeout: number },
  ): Promise<PropertyMap> {
    const rule = ruleFor(applied);
    if (!rule || isAnnotated(inputs, "skipAwait")) return applied;
    const timeout = timeoutOf(inputs, customTimeout, rule.timeout);
    return await this.observe(applied, rule, async (observation) => {
      let shown = "";
      const report = (status: string) => {
        if (status === shown) return;
        shown = status;
        void this.log("info", urn, status, true);
      };
      const reason = await observation.untilReady(timeout, this.cancelled, report, () => this.events(observation));
      await this.log("info", urn, "", true);
      if (reason === undefined) return observation.object;
      const problems = [...observation.problems(), ...(await this.events(observation))];
      throw new NotReadyError(reason, [...new Set(problems)], observation.object);
    });
  }

  /** Why an object is not ready at this moment; undefined when it is, or when nobody waits for it. */
  async problem(live: PropertyMap, inputs: PropertyMap): Promise<NotReadyError | undefined> {
    const rule = ruleFor(live);
    if (!rule || isAnnotated(inputs, "skipAwait")) return undefined;
    return await this.observe(live, rule, async (observation) => {
      const readiness = observation.evaluate(Number.POSITIVE_INFINITY);
      if (readiness.state === "ready") return undefined;
      const problems = [...readiness.problems, ...(await this.events(observation))];
      return new NotReadyError("it is not ready", problems, live);
    });
  }

  private async observe<Result>(
    object: PropertyMap,
    rule: ReadinessRule,
    use: (observation: Observation) => Promise<Result>,
  ): Promise<Result> {
    const namespace = namespaceOf(object);
    const related = rule.related.map((kind) => ({ kind, namespace: kind.clusterWide ? "" : namespace }));
    const needed: { kind: GroupVersionKind; namespace: string }[] = [{ kind: kindOf(object), namespace }, ...related];
    const collections = new Map<string, WatchedCollection>();
    const acquired: typeof needed = [];
    try {
      for (const need of needed) {
        collections.set(need.kind.kind, await this.view.acquire(need.kind, need.namespace));
        acquired.push(need);
      }
      return await use(new Observation(object, rule, collections));
    } finally {
      for (const { kind, namespace } of acquired) this.view.release(kind, namespace);
    }
  }

  /**
   * What controllers and the kubelet have reported about the object and about what keeps it from being ready.
   * Explanations are a courtesy: without the right to read events the rest of the message still helps.
   */
  private async events(observation: Observation): Promise<string[]> {
    const subjects = [...observation.culprits().slice(0, mostCulprits), observation.object];
    return (await Promise.all(subjects.map((each) => warningEvents(this.store, each).catch(() => [])))).flat();
  }
}

/** One object and the collections that decide whether it is ready. */
class Observation {
  private readonly id: string;
  private readonly own: WatchedCollection | undefined;
  private lastChange = performance.now();
  private wasSeen = false;

  constructor(
    /** The object as it was last seen. */
    public object: PropertyMap,
    private readonly rule: ReadinessRule,
    private readonly collections: ReadonlyMap<string, WatchedCollection>,
  ) {
    this.id = idOf(object);
    this.own = collections.get(kindOf(object).kind);
  }

  evaluate(unchangedFor?: number): Readiness {
    return this.rule.evaluate(this.object, this.surroundings(unchangedFor));
  }

  /** Other objects that keep this one from being ready. */
  culprits(): readonly PropertyMap[] {
    return this.rule.culprits?.(this.object, this.surroundings()) ?? [];
  }

  private surroundings(unchangedFor = performance.now() - this.lastChange): Surroundings {
    return { of: (kind) => this.collections.get(kind)?.all() ?? [], unchangedFor };
  }

  /** What stands in the way of the object, and of seeing it. */
  problems(): readonly string[] {
    const readiness = this.evaluate();
    return readiness.state === "ready" ? [] : [...readiness.problems, ...this.failures().map(explainUnseen)];
  }

  private failures(): Error[] {
    return [...this.collections.values()].flatMap(({ failure }) => failure ?? []);
  }

  /** Resolves with undefined when the object is ready, else with the reason why nobody waits any longer. */
  async untilReady(
    timeout: number,
    cancelled: AbortSignal,
    report: (status: string) => void,
    events: () => Promise<string[]>,
  ): Promise<string | undefined> {
    const cleanup: (() => void)[] = [];
    try {
      return await new Promise((resolve) => {
        const check = () => {
          if (!this.refresh()) return resolve("it was deleted while it was waited for");
          const readiness = this.evaluate();
          if (readiness.state === "ready") return resolve(undefined);
          if (readiness.state === "failed") return resolve("it has failed");
          // A broken connection may come back, a missing right does not.
          if ([...this.collections.values()].some(({ isRefused }) => isRefused)) return resolve(unseen);
          report([readiness.status, ...this.problems().slice(0, 1)].join(": "));
        };
        const changed = () => {
          this.lastChange = performance.now();
          check();
        };
        for (const collection of this.collections.values()) cleanup.push(collection.subscribe(changed));
        const timers = [
          setTimeout(() => resolve(`it was not ready after ${timeout / 1000} s`), timeout),
          setInterval(() => {
            void events().then(([newest]) => newest !== undefined && report(newest));
          }, eventInterval),
          ...(this.rule.settleTime === undefined ? [] : [setInterval(check, this.rule.settleTime / 4)]),
        ];
        cleanup.push(() => timers.forEach(clearTimeout));
        const abort = () => resolve("the operation was cancelled before it was ready");
        cancelled.addEventListener("abort", abort);
        cleanup.push(() => cancelled.removeEventListener("abort", abort));
        if (cancelled.aborted) abort();
        check();
      });
    } finally {
      for (const undo of cleanup) undo();
    }
  }

  /**
   * Takes the newest version of the object; false when it is gone. The collection may lag behind the answer to the
   * change itself, so that only a version that is not older counts.
   */
  private refresh(): boolean {
    const seen = this.own?.find(this.id);
    if (seen === undefined) return !this.wasSeen;
    if (version(seen) >= version(this.object)) this.object = seen;
    this.wasSeen = true;
    return true;
  }
}

function version(object: PropertyMap): bigint {
  return BigInt(stringAt(object, "metadata", "resourceVersion") ?? "0");
}
