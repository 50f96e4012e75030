import { isMap, mapAt, mapsAt, numberAt, type PropertyMap, stringAt, valueAt } from "../../protocol/property-values";
import { nameOf } from "../kinds";
import { conditionOf, explain, hasCondition, minutes, type ReadinessRule, ready, waiting } from "./readiness";

/** Reasons of a waiting container that are the normal course of things. */
const normalReasons: ReadonlySet<string> = new Set(["ContainerCreating", "PodInitializing"]);

export const podRule: ReadinessRule = {
  timeout: 10 * minutes,
  related: [],
  evaluate: (pod) => {
    const isDone = stringAt(pod, "status", "phase") === "Succeeded";
    return isDone || hasCondition(pod, "Ready") ? ready : waiting("Waiting for the Pod to be ready", podProblems(pod));
  },
};

/** What keeps a Pod from being ready, in the words of the scheduler and the kubelet. Empty for a Pod that is fine. */
export function podProblems(pod: PropertyMap): string[] {
  const containers = ["initContainerStatuses", "containerStatuses"].flatMap((list) => mapsAt(pod, "status", list));
  const scheduled = conditionOf(pod, "PodScheduled");
  const problems = [
    ...(scheduled?.["status"] === "False" ? [explain(scheduled)] : []),
    ...containers.flatMap(containerProblems),
    ...mapsAt(pod, "status", "containerStatuses").flatMap((container) => probeProblems(pod, container)),
    ...(stringAt(pod, "status", "phase") === "Failed" ? [explain(mapAt(pod, "status")) || "the Pod has failed"] : []),
  ];
  return problems.map((problem) => `Pod ${nameOf(pod)}: ${problem}`);
}

function containerProblems(container: PropertyMap): string[] {
  const waitingState = mapAt(container, "state", "waiting");
  const reason = stringAt(waitingState, "reason") ?? "";
  const problem = reason !== "" && !normalReasons.has(reason) ? [explain(waitingState)] : [];
  // A crashing container waits for its next start; why it crashed is in the state before.
  const ended = [mapAt(container, "state", "terminated"), mapAt(container, "lastState", "terminated")].find(
    (state) => (numberAt(state, "exitCode") ?? 0) !== 0,
  );
  const exit = ended && container["ready"] !== true ? [explainExit(ended)] : [];
  return [...problem, ...exit].map((text) => `container ${stringAt(container, "name")}: ${text}`);
}

/** A container that runs is not ready only because of its probes; what they saw is in the Pod's events. */
function probeProblems(pod: PropertyMap, container: PropertyMap): string[] {
  const isRunning = isMap(valueAt(container, "state", "running"));
  if (!isRunning || container["ready"] !== false || stringAt(pod, "metadata", "deletionTimestamp") !== undefined)
    return [];
  const spec = mapsAt(pod, "spec", "containers").find((each) => each["name"] === container["name"]) ?? {};
  const probe = container["started"] === false ? "startupProbe" : "readinessProbe";
  if (!isMap(spec[probe])) return [];
  const kind = probe === "startupProbe" ? "startup" : "readiness";
  return [`container ${stringAt(container, "name")}: it runs, but its ${kind} probe does not succeed`];
}

function explainExit(terminated: PropertyMap): string {
  const explanation = explain(terminated);
  return `it ended with exit code ${terminated["exitCode"]}${explanation === "" ? "" : ` (${explanation})`}`;
}
