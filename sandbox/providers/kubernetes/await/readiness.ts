import type { PropertyMap } from "../../protocol/property-values";
import { mapsAt, numberAt, stringAt } from "../../protocol/property-values";
import type { GroupVersionKind } from "../kinds";

/** How far an object is. */
export type Readiness =
  | { readonly state: "ready" }
  /** It may still become ready. `status` says what it waits for, `problems` what stands in the way. */
  | { readonly state: "waiting"; readonly status: string; readonly problems: readonly string[] }
  /** It will not become ready any more. */
  | { readonly state: "failed"; readonly problems: readonly string[] };

/** Objects that decide on the readiness of another one. */
export interface Surroundings {
  /** Objects of a related kind, by its name. */
  of(kind: string): readonly PropertyMap[];
  /** Milliseconds since the last change of any related object. */
  readonly unchangedFor: number;
}

/** Knows when objects of one kind are ready. */
export interface ReadinessRule {
  /** Milliseconds that an object of this kind gets by default. */
  readonly timeout: number;
  /** Other kinds in the object's namespace (or without one) whose objects matter. */
  readonly related: readonly (GroupVersionKind & { readonly clusterWide?: boolean })[];
  evaluate(object: PropertyMap, surroundings: Surroundings): Readiness;
  /** Objects whose own events tell why it is not ready, such as the Pods of a workload. */
  culprits?(object: PropertyMap, surroundings: Surroundings): readonly PropertyMap[];
  /** Milliseconds of quiet that {@link evaluate} wants to see before it decides; it is asked again then. */
  readonly settleTime?: number;
}

export const minutes = 60 * 1000;

export const ready: Readiness = { state: "ready" };

export function waiting(status: string, problems: readonly string[] = []): Readiness {
  return { state: "waiting", status, problems };
}

/** The condition of a type in an object's status. */
export function conditionOf(object: PropertyMap, type: string): PropertyMap | undefined {
  return mapsAt(object, "status", "conditions").find((condition) => condition["type"] === type);
}

export function hasCondition(object: PropertyMap, type: string): boolean {
  return conditionOf(object, type)?.["status"] === "True";
}

/** `reason: message` of a condition. */
export function explain(condition: PropertyMap): string {
  return [stringAt(condition, "reason"), stringAt(condition, "message")].filter(Boolean).join(": ");
}

/** Those of the objects that the owner has created. */
export function ownedBy(owner: PropertyMap, objects: readonly PropertyMap[]): PropertyMap[] {
  const uid = stringAt(owner, "metadata", "uid");
  return objects.filter((object) =>
    mapsAt(object, "metadata", "ownerReferences").some((reference) => reference["uid"] === uid),
  );
}

/** The controller has not seen the last change yet. */
export function isOutdated(object: PropertyMap): boolean {
  const generation = numberAt(object, "metadata", "generation") ?? 0;
  return (numberAt(object, "status", "observedGeneration") ?? 0) < generation;
}
