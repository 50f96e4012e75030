import type { types } from "@pulumi/kubernetes";

/**
 * One pod at a time may be moved away by maintenance, the spec of a PodDisruptionBudget. Pods that are not ready anyway
 * do not keep a node from being emptied: for workloads whose pods hold no data of their own.
 */
export function oneAtATime(podLabels: Readonly<Record<string, string>>): types.input.policy.v1.PodDisruptionBudgetSpec {
  return {
    maxUnavailable: 1,
    selector: { matchLabels: { ...podLabels } },
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  };
}
