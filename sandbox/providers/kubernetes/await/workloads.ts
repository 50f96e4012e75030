import { numberAt, type PropertyMap, stringAt, valueAt } from "../../protocol/property-values";
import { annotationOf, nameOf, namespaceOf } from "../kinds";
import { podProblems } from "./pod";
import {
  conditionOf,
  explain,
  hasCondition,
  isOutdated,
  minutes,
  ownedBy,
  type ReadinessRule,
  ready,
  type Surroundings,
  waiting,
} from "./readiness";

const pods = { group: "", version: "v1", kind: "Pod" };
const replicaSets = { group: "apps", version: "v1", kind: "ReplicaSet" };
const revisionAnnotation = "deployment.kubernetes.io/revision";

export const deploymentRule: ReadinessRule = {
  timeout: 10 * minutes,
  related: [replicaSets, pods],
  evaluate: (deployment, surroundings) => {
    if (isOutdated(deployment)) return waiting("Waiting for the Deployment controller");
    if (valueAt(deployment, "spec", "paused") === true) return ready;
    const wanted = numberAt(deployment, "spec", "replicas") ?? 1;
    const updated = numberAt(deployment, "status", "updatedReplicas") ?? 0;
    const available = numberAt(deployment, "status", "availableReplicas") ?? 0;
    const progressing = conditionOf(deployment, "Progressing");
    const isComplete = progressing === undefined || progressing["reason"] === "NewReplicaSetAvailable";
    if (isComplete && updated >= wanted && available >= wanted) return ready;
    return waiting(`Waiting for the new Pods to be available (${Math.min(updated, available)}/${wanted})`, [
      ...(hasCondition(deployment, "ReplicaFailure") ? [explain(conditionOf(deployment, "ReplicaFailure") ?? {})] : []),
      ...(progressing?.["status"] === "False" ? [explain(progressing)] : []),
      ...problemsOfPods(currentReplicaSets(deployment, surroundings), surroundings),
    ]);
  },
  culprits: (deployment, surroundings) => {
    const sets = currentReplicaSets(deployment, surroundings);
    return [...sets, ...unreadyPods(sets, surroundings)];
  },
};

/** The ReplicaSets of the last revision; the Pods of older ones are on their way out. */
function currentReplicaSets(deployment: PropertyMap, surroundings: Surroundings): PropertyMap[] {
  const revision = annotationOf(deployment, revisionAnnotation);
  return ownedBy(deployment, surroundings.of("ReplicaSet")).filter(
    (replicaSet) => annotationOf(replicaSet, revisionAnnotation) === revision,
  );
}

/** Pods of the owners that are not ready. */
function unreadyPods(owners: readonly PropertyMap[], surroundings: Surroundings): PropertyMap[] {
  return owners.flatMap((owner) => ownedBy(owner, surroundings.of("Pod"))).filter((pod) => !hasCondition(pod, "Ready"));
}

function problemsOfPods(owners: readonly PropertyMap[], surroundings: Surroundings): string[] {
  return owners.flatMap((owner) => ownedBy(owner, surroundings.of("Pod")).flatMap(podProblems));
}

export const statefulSetRule: ReadinessRule = {
  timeout: 10 * minutes,
  related: [pods],
  evaluate: (statefulSet, surroundings) => {
    if (isOutdated(statefulSet)) return waiting("Waiting for the StatefulSet controller");
    const wanted = numberAt(statefulSet, "spec", "replicas") ?? 1;
    const running = numberAt(statefulSet, "status", "readyReplicas") ?? 0;
    const isRolling = stringAt(statefulSet, "spec", "updateStrategy", "type") !== "OnDelete";
    const updated = numberAt(statefulSet, "status", "updatedReplicas") ?? 0;
    const partition = numberAt(statefulSet, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
    if (running >= wanted && (!isRolling || updated >= wanted - partition)) return ready;
    const status = `Waiting for the Pods to be ready (${isRolling ? Math.min(running, updated) : running}/${wanted})`;
    return waiting(status, [
      ...(updated < wanted ? stuckPods(statefulSet, surroundings) : []),
      ...problemsOfPods([statefulSet], surroundings),
    ]);
  },
  culprits: (statefulSet, surroundings) => unreadyPods([statefulSet], surroundings),
};

/**
 * Pods of an older revision that are not ready. In order (the default), the controller waits for such a Pod before it
 * replaces any, even when the new revision would mend it.
 */
function stuckPods(statefulSet: PropertyMap, surroundings: Surroundings): string[] {
  if ((stringAt(statefulSet, "spec", "podManagementPolicy") ?? "OrderedReady") !== "OrderedReady") return [];
  const revision = stringAt(statefulSet, "status", "updateRevision");
  return unreadyPods([statefulSet], surroundings)
    .filter((pod) => stringAt(pod, "metadata", "labels", "controller-revision-hash") !== revision)
    .map(
      (pod) =>
        `Pod ${nameOf(pod)} is of the revision before the change and not ready, and Kubernetes waits for it for ever ` +
        `before it replaces it. Delete it, its data stays: \`kubectl -n ${namespaceOf(pod)} delete pod ${nameOf(pod)}\``,
    );
}

export const daemonSetRule: ReadinessRule = {
  timeout: 10 * minutes,
  related: [pods],
  evaluate: (daemonSet, surroundings) => {
    if (isOutdated(daemonSet)) return waiting("Waiting for the DaemonSet controller");
    const wanted = numberAt(daemonSet, "status", "desiredNumberScheduled") ?? 0;
    const available = numberAt(daemonSet, "status", "numberAvailable") ?? 0;
    const updated = numberAt(daemonSet, "status", "updatedNumberScheduled") ?? 0;
    const isRolling = stringAt(daemonSet, "spec", "updateStrategy", "type") !== "OnDelete";
    if (available >= wanted && (!isRolling || updated >= wanted)) return ready;
    const status = `Waiting for the Pods to be available (${isRolling ? Math.min(available, updated) : available}/${wanted})`;
    return waiting(status, problemsOfPods([daemonSet], surroundings));
  },
  culprits: (daemonSet, surroundings) => unreadyPods([daemonSet], surroundings),
};

export const jobRule: ReadinessRule = {
  timeout: 10 * minutes,
  related: [pods],
  evaluate: (job, surroundings) => {
    // Nobody runs a suspended Job until it is resumed.
    if (hasCondition(job, "Complete") || valueAt(job, "spec", "suspend") === true) return ready;
    const problems = problemsOfPods([job], surroundings);
    if (hasCondition(job, "Failed")) {
      return { state: "failed", problems: [explain(conditionOf(job, "Failed") ?? {}), ...problems] };
    }
    const wanted = numberAt(job, "spec", "completions") ?? 1;
    return waiting(
      `Waiting for the Job to complete (${numberAt(job, "status", "succeeded") ?? 0}/${wanted})`,
      problems,
    );
  },
  culprits: (job, surroundings) => unreadyPods([job], surroundings),
};
