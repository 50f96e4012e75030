import { fieldsOf, inSameNamespace, isKind, listOf, type Manifest, podTemplateOf, specOf, textOf } from "../manifest";
import type { Rule } from "../rule";
import { describeSelector, isEmptySelector, selectedWorkloads, selects } from "../selector";

const PDB_URL = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/";

/** What keeps a system up while nodes are drained and load changes. */
export const availabilityRules: readonly Rule[] = [
  {
    name: "no-anti-affinity",
    severity: "low",
    scope: "stack",
    url: "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity",
    description: "Replicas avoid each other's nodes.",
    remediation:
      "prefer or require pod anti-affinity to the pod's own labels with the topology `kubernetes.io/hostname`",
    check: (manifest, all) => {
      const replicas = leastReplicas(manifest, all);
      return replicas < 2 || avoidsItself(manifest) ? [] : [`has ${replicas} replicas that may share one node`];
    },
  },
  {
    name: "pdb-max-unavailable",
    severity: "high",
    scope: "object",
    url: PDB_URL,
    description: "A disruption budget allows at least one pod to be down.",
    remediation: "set `maxUnavailable` to 1 or more",
    check: forBudgets((budget) => {
      const value = specOf(budget)["maxUnavailable"];
      if (value === undefined || value === null) return [];
      return parseShare(value, 100) > 0 ? [] : [`allows no disruption: maxUnavailable is ${String(value)}`];
    }),
  },
  {
    name: "pdb-min-available",
    severity: "high",
    scope: "stack",
    url: PDB_URL,
    description: "A disruption budget keeps fewer pods than there are.",
    remediation: "lower `minAvailable`, or use `maxUnavailable: 1`",
    check: forBudgets((budget, all) => {
      const { minAvailable: value, selector } = specOf(budget);
      if (value === undefined || value === null) return [];
      if (textOf(value) === "100%") return ["allows no disruption: minAvailable is 100%"];
      return selectedWorkloads(selector, inSameNamespace(budget, all))
        .filter(
          (workload) =>
            isReplicated(workload) && leastReplicas(workload, all) <= parseShare(value, leastReplicas(workload, all)),
        )
        .map(
          ({ metadata }) => `allows no disruption: ${metadata.name} has no more pods than the ${String(value)} to keep`,
        );
    }),
  },
  {
    name: "pdb-unhealthy-pod-eviction-policy",
    severity: "low",
    scope: "object",
    url: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy",
    description: "A disruption budget says whether broken pods may block the draining of a node.",
    remediation: "set `unhealthyPodEvictionPolicy: AlwaysAllow`",
    check: forBudgets((budget) =>
      specOf(budget)["unhealthyPodEvictionPolicy"] === undefined ? ["does not set unhealthyPodEvictionPolicy"] : [],
    ),
  },
  {
    name: "dangling-poddisruptionbudget",
    severity: "medium",
    scope: "stack",
    url: PDB_URL,
    description: "A disruption budget selects pods that exist.",
    remediation: "correct the selector, or remove the budget",
    check: forBudgets((budget, all) => {
      const { selector } = specOf(budget);
      if (!isEmptySelector(selector) && selectedWorkloads(selector, inSameNamespace(budget, all)).length > 0) return [];
      return [`selects no pod by ${describeSelector(selector)}`];
    }),
  },
  {
    name: "dangling-horizontalpodautoscaler",
    severity: "high",
    scope: "stack",
    description: "An autoscaler, KEDA's ScaledObject included, has a workload that exists.",
    remediation: "correct `scaleTargetRef`",
    check: (manifest, all) => {
      if (!isAutoscaler(manifest)) return [];
      return inSameNamespace(manifest, all).some((each) => scales(manifest, each))
        ? []
        : ["scales nothing in the stack"];
    },
  },
  {
    name: "hpa-owned-replicas",
    severity: "high",
    scope: "stack",
    url: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
    description: "A workload leaves the number of its replicas to its autoscaler.",
    remediation: "leave out `spec.replicas`, or every deployment resets what the autoscaler decided",
    check: (manifest, all) =>
      autoscalersOf(manifest, all).length > 0 && specOf(manifest)["replicas"] !== undefined
        ? ["sets replicas although an autoscaler does"]
        : [],
  },
];

function forBudgets(check: (budget: Manifest, all: readonly Manifest[]) => readonly string[]): Rule["check"] {
  return (manifest, all) => (isKind(manifest, "PodDisruptionBudget") ? check(manifest, all) : []);
}

function isAutoscaler(manifest: Manifest): boolean {
  return isKind(manifest, "HorizontalPodAutoscaler", "ScaledObject");
}

function scales(autoscaler: Manifest, workload: Manifest): boolean {
  const { apiVersion, kind = "Deployment", name } = fieldsOf(specOf(autoscaler)["scaleTargetRef"]);
  return (
    workload.metadata.name === name &&
    workload.kind === kind &&
    (apiVersion === undefined ? !isKind(autoscaler, "HorizontalPodAutoscaler") : workload.apiVersion === apiVersion)
  );
}

function autoscalersOf(workload: Manifest, all: readonly Manifest[]): Manifest[] {
  return inSameNamespace(workload, all).filter((each) => isAutoscaler(each) && scales(each, workload));
}

function isReplicated(manifest: Manifest): boolean {
  return isKind(manifest, "Deployment", "StatefulSet", "ReplicaSet", "ReplicationController");
}

/** How many pods the workload has at least; 0 for what has no replicas. */
function leastReplicas(manifest: Manifest, all: readonly Manifest[]): number {
  if (!isReplicated(manifest)) return 0;
  const { replicas = 1 } = specOf(manifest);
  const least = autoscalersOf(manifest, all).map((each) => {
    const { minReplicas = 1, minReplicaCount } = specOf(each);
    return Number(minReplicaCount ?? minReplicas);
  });
  return Math.max(Number(replicas), ...least);
}

function avoidsItself(manifest: Manifest): boolean {
  const pod = podTemplateOf(manifest);
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred, requiredDuringSchedulingIgnoredDuringExecution } =
    fieldsOf(fieldsOf(pod?.spec?.affinity)["podAntiAffinity"]);
  return [
    ...listOf(preferred).map((each) => fieldsOf(each["podAffinityTerm"])),
    ...listOf(requiredDuringSchedulingIgnoredDuringExecution),
  ].some(({ topologyKey, labelSelector, namespaces }) => {
    const named = listOf<string>(namespaces);
    return (
      topologyKey === "kubernetes.io/hostname" &&
      (named.length === 0 || named.includes(manifest.metadata.namespace ?? "default")) &&
      labelSelector !== undefined &&
      selects(labelSelector, pod?.metadata?.labels)
    );
  });
}

/** A number, or a percentage of `whole` rounded up as the disruption controller does; 0 for anything else. */
function parseShare(value: unknown, whole: number): number {
  const text = String(value);
  if (/^\d+%$/.test(text)) return Math.ceil((Number(text.slice(0, -1)) * whole) / 100);
  return /^\d+$/.test(text) ? Number(text) : 0;
}
