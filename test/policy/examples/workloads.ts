import type { Fields } from "../../../policy/manifest";
import {
  ANTI_AFFINITY,
  autoscaler,
  budget,
  deployment,
  deploymentMounting,
  type Example,
  job,
  object,
  podSpec,
} from "./objects";

const onClaim = { persistentVolumeClaim: { claimName: "data" } };
const claim = (mode: string) => object("v1", "PersistentVolumeClaim", "data", { spec: { accessModes: [mode] } });

function withStrategy(strategy: Fields, replicas = 1) {
  const mounting = deploymentMounting(onClaim);
  return { ...mounting, spec: { ...(mounting["spec"] as Fields), strategy, replicas } };
}

export const workloadExamples: readonly Example[] = [
  {
    rule: "mismatching-selector",
    failing: [
      deployment(podSpec(), { selector: { matchLabels: { app: "other" } } }),
      deployment(podSpec(), { selector: {} }),
    ],
    passing: [deployment(podSpec(), { selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }), job()],
  },
  {
    rule: "job-ttl-seconds-after-finished",
    failing: [
      job({ ttlSecondsAfterFinished: undefined }),
      object("batch/v1", "CronJob", "web", { spec: { schedule: "@daily", jobTemplate: { spec: job()["spec"] } } }),
    ],
    passing: [job()],
  },
  {
    rule: "read-write-once-recreate",
    failing: [claim("ReadWriteOnce"), withStrategy({ type: "RollingUpdate" })],
    passing: [claim("ReadWriteOnce"), withStrategy({ type: "Recreate" })],
  },
  {
    rule: "read-write-once-recreate",
    failing: [claim("ReadWriteOncePod"), withStrategy({ type: "Recreate" }, 2)],
    passing: [claim("ReadWriteMany"), withStrategy({ type: "RollingUpdate" }, 2)],
  },
  {
    rule: "dangling-volume",
    failing: [deploymentMounting(onClaim), deploymentMounting({ secret: { secretName: "missing" } })],
    passing: [claim("ReadWriteMany"), deploymentMounting(onClaim), deploymentMounting({ emptyDir: {} })],
  },
  {
    rule: "no-anti-affinity",
    failing: [deployment(podSpec(), { replicas: 2 })],
    passing: [deployment(podSpec({ affinity: ANTI_AFFINITY }), { replicas: 2 })],
  },
  {
    rule: "no-anti-affinity",
    failing: [deployment(), autoscaler()],
    passing: [deployment(podSpec(), { replicas: 1 })],
  },
  {
    rule: "pdb-max-unavailable",
    failing: [budget({ maxUnavailable: 0 }), budget({ maxUnavailable: "0%" })],
    passing: [budget({ maxUnavailable: 1 }), budget({ minAvailable: 1 })],
  },
  {
    rule: "pdb-min-available",
    failing: [deployment(podSpec(), { replicas: 2 }), budget({ minAvailable: 2 })],
    passing: [deployment(podSpec(), { replicas: 2 }), budget({ minAvailable: 1 })],
  },
  {
    rule: "pdb-min-available",
    failing: [deployment(podSpec(), { replicas: 2 }), budget({ minAvailable: "100%" })],
    passing: [deployment(), autoscaler(), budget({ minAvailable: "50%" })],
  },
  {
    rule: "pdb-unhealthy-pod-eviction-policy",
    failing: [budget({ unhealthyPodEvictionPolicy: undefined })],
    passing: [budget()],
  },
  {
    rule: "dangling-poddisruptionbudget",
    failing: [deployment(), budget({ selector: { matchLabels: { app: "other" } } })],
    passing: [deployment(), budget()],
  },
  {
    rule: "dangling-horizontalpodautoscaler",
    failing: [deployment(), autoscaler({ name: "other" })],
    passing: [deployment(), autoscaler()],
  },
  {
    rule: "dangling-horizontalpodautoscaler",
    failing: [object("keda.sh/v1alpha1", "ScaledObject", "web", { spec: { scaleTargetRef: { name: "web" } } })],
    passing: [
      deployment(),
      object("keda.sh/v1alpha1", "ScaledObject", "web", { spec: { scaleTargetRef: { name: "web" } } }),
    ],
  },
  {
    rule: "hpa-owned-replicas",
    failing: [deployment(podSpec(), { replicas: 3 }), autoscaler()],
    passing: [deployment(), autoscaler()],
  },
];
