import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

export interface UtilizationScaling {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Percent of the CPU request, averaged over the pods. */
  readonly cpuPercent?: number;
  /** Percent of the memory request, averaged over the pods. */
  readonly memoryPercent?: number;
  /** Seconds that the load must stay low before pods are taken away. @default 300 */
  readonly scaleDownAfterSeconds?: number;
}

/** Scales a Deployment by the use of its resource requests. */
export function scaleByUtilization(
  deployment: pulumi.Input<string>,
  { minReplicas, maxReplicas, cpuPercent, memoryPercent, scaleDownAfterSeconds = 300 }: UtilizationScaling,
): types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
  const metric = (name: string, averageUtilization: number | undefined) =>
    averageUtilization === undefined
      ? []
      : [{ type: "Resource", resource: { name, target: { type: "Utilization", averageUtilization } } }];
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
    minReplicas,
    maxReplicas,
    metrics: [...metric("cpu", cpuPercent), ...metric("memory", memoryPercent)],
    behavior: { scaleDown: { stabilizationWindowSeconds: scaleDownAfterSeconds } },
  };
}
