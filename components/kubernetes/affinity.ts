import type { types } from "@pulumi/kubernetes";
import type { PodLabels } from "../contracts";

/** Prefers a different node for each pod with these labels, without refusing to run when there are too few nodes. */
export function spreadOverNodes(podLabels: PodLabels): types.input.core.v1.Affinity {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { ...podLabels } } },
        },
      ],
    },
  };
}
