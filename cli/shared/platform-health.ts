import type { KubernetesObject } from "@kubernetes/client-node";
import { podProblems } from "../../sandbox/providers/kubernetes/await/pod";
import { conditionOf, explain, hasCondition } from "../../sandbox/providers/kubernetes/await/readiness";
import { type PropertyMap, stringAt } from "../../sandbox/providers/protocol/property-values";
import { isReady, systemOf, systemsOfNamespaces } from "./platform-overview";

/** Something of the platform that is not as it should be. */
export interface Trouble {
  readonly system: string;
  readonly namespace: string;
  /** Which object, and what is wrong with it, in Kubernetes' words. */
  readonly problem: string;
}

/** Conditions by which a controller says that it cannot make pods, or has given up. */
const FAILURES = ["ReplicaFailure", "Failed"];

/**
 * What is not ready: workloads that cannot make their pods, and pods and claims in the namespaces of the platform, whoever
 * made them. The builtin providers tell most of this when a run ends; Pulumi's own ones wait without a word.
 * @param objects what the program made
 * @param pods all pods of the cluster
 * @param more all claims and events of the cluster
 */
export function platformTroubles(
  objects: readonly KubernetesObject[],
  pods: readonly KubernetesObject[],
  { claims = [], events = [] }: { claims?: readonly KubernetesObject[]; events?: readonly KubernetesObject[] } = {},
): readonly Trouble[] {
  const homes = systemsOfNamespaces(objects);
  const doneJobs = new Set(objects.filter((each) => each.kind === "Job" && isReady(each) === true).map(placeOf));
  // Attempts of a Job that has succeeded since are history.
  const isHistory = (pod: KubernetesObject) =>
    (pod.metadata?.ownerReferences ?? []).some(
      ({ kind, name }) => kind === "Job" && doneJobs.has(`${pod.metadata?.namespace}/${name}`),
    );
  const own = pods.filter(
    (pod) => homes.has(pod.metadata?.namespace) && pod.metadata?.deletionTimestamp === undefined && !isHistory(pod),
  );
  return [
    ...objects.flatMap((object) => workloadProblems(object, events).map((problem) => ({ object, problem }))),
    ...claims
      .filter((each) => homes.has(each.metadata?.namespace))
      .flatMap((object) => claimProblems(object, events).map((problem) => ({ object, problem }))),
    ...own.flatMap((object) => problemsOf(object).map((problem) => ({ object, problem }))),
  ]
    .map(({ object, problem }) => {
      const namespace = object.metadata?.namespace;
      // What OpenHands or KubeKloud make has no label of the platform; it belongs to the system of the namespace.
      return { system: systemOf(object, homes.get(namespace)), namespace: namespace ?? "-", problem };
    })
    .sort((left, right) => orderOf(left).localeCompare(orderOf(right)));
}

function workloadProblems(object: KubernetesObject, events: readonly KubernetesObject[]): string[] {
  if (isReady(object) !== false) return [];
  // Some controllers, that of StatefulSets for one, say in an event alone that they may not make a pod: over quota, …
  const refused = lastEvent(object.kind ?? "", object, events, ["FailedCreate"]);
  const conditions = FAILURES.filter((type) => hasCondition(fieldsOf(object), type)).map(
    (type) => `${object.kind} ${object.metadata?.name}: ${explain(conditionOf(fieldsOf(object), type) ?? {})}`,
  );
  return conditions.length > 0 || refused === undefined
    ? conditions
    : [`${object.kind} ${object.metadata?.name}: ${refused}`];
}

const CLAIM = "PersistentVolumeClaim";

/** Why a claim has no volume. One that waits for its first pod is the pod's trouble. */
function claimProblems(claim: KubernetesObject, events: readonly KubernetesObject[]): string[] {
  if (stringAt(fieldsOf(claim), "status", "phase") !== "Pending" || claim.metadata?.deletionTimestamp !== undefined) {
    return [];
  }
  if (lastEvent(CLAIM, claim, events)?.startsWith("WaitForFirstConsumer")) return [];
  return [
    `${CLAIM} ${claim.metadata?.name}: ${lastEvent(CLAIM, claim, events) ?? "no volume yet, and nobody says why"}`,
  ];
}

/** Reason and message of the newest event about an object. */
function lastEvent(
  kind: string,
  { metadata }: KubernetesObject,
  events: readonly KubernetesObject[],
  reasons?: readonly string[],
): string | undefined {
  const about = events
    .map(fieldsOf)
    .filter(
      (event) =>
        stringAt(event, "involvedObject", "kind") === kind &&
        stringAt(event, "involvedObject", "name") === metadata?.name &&
        stringAt(event, "involvedObject", "namespace") === metadata?.namespace &&
        (reasons === undefined || reasons.includes(stringAt(event, "reason") ?? "")),
    )
    .sort((left, right) => timeOf(left) - timeOf(right));
  const newest = about.at(-1);
  return newest && `${stringAt(newest, "reason")}: ${stringAt(newest, "message")}`;
}

/** The client turns some times into dates and leaves others as text. */
function timeOf(event: PropertyMap): number {
  const { lastTimestamp, eventTime } = event as { lastTimestamp?: unknown; eventTime?: unknown };
  const time = lastTimestamp ?? eventTime;
  return time instanceof Date || typeof time === "string" ? new Date(time).getTime() : 0;
}

/** Empty for a pod that is ready or has done its work. */
function problemsOf(pod: KubernetesObject): string[] {
  const fields = fieldsOf(pod);
  if (stringAt(fields, "status", "phase") === "Succeeded" || hasCondition(fields, "Ready")) return [];
  const known = podProblems(fields);
  const reason = explain(conditionOf(fields, "Ready") ?? {}) || "not started yet";
  return known.length > 0 ? known : [`Pod ${pod.metadata?.name}: ${reason}`];
}

/** The client's objects have the fields of the JSON that the API server sends. */
function fieldsOf(object: KubernetesObject): PropertyMap {
  return object as unknown as PropertyMap;
}

function placeOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function orderOf({ system, namespace, problem }: Trouble): string {
  return [system, namespace, problem].join(" ");
}
