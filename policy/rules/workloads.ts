import { fieldsOf, inSameNamespace, isKind, listOf, type Manifest, specOf, textOf } from "../manifest";
import type { PodTemplate } from "../pod";
import { forPods, type Rule } from "../rule";
import { describeSelector, isEmptySelector, selects } from "../selector";

/** How workloads are put together: selectors, volumes, jobs. */
export const workloadRules: readonly Rule[] = [
  {
    name: "mismatching-selector",
    severity: "high",
    scope: "object",
    description: "The selector of a workload matches the labels of its own pods.",
    remediation: "make the labels of the pod template a superset of `spec.selector`",
    check: forPods((pod, manifest) => {
      if (!isKind(manifest, "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController")) return [];
      const selector = selectorOf(manifest);
      if (isEmptySelector(selector)) return ["has no selector"];
      return selects(selector, pod.metadata?.labels)
        ? []
        : [`the selector ${describeSelector(selector)} does not match the labels of the pods`];
    }),
  },
  {
    name: "job-ttl-seconds-after-finished",
    severity: "medium",
    scope: "object",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/",
    description: "A finished Job goes away by itself; the Jobs of a CronJob are kept by its history limits alone.",
    remediation: "set `ttlSecondsAfterFinished` on a Job, remove it from the template of a CronJob",
    check: (manifest) => {
      if (isKind(manifest, "Job") && specOf(manifest)["ttlSecondsAfterFinished"] === undefined)
        return ["stays for ever when it is finished"];
      const template = fieldsOf(fieldsOf(specOf(manifest)["jobTemplate"])["spec"]);
      return isKind(manifest, "CronJob") && template["ttlSecondsAfterFinished"] !== undefined
        ? ["sets ttlSecondsAfterFinished, which fights with its history limits"]
        : [];
    },
  },
  {
    name: "read-write-once-recreate",
    severity: "high",
    scope: "stack",
    description: "A Deployment on a ReadWriteOnce claim has one pod and replaces it by `Recreate`.",
    remediation: "set `strategy: { type: Recreate }` without `rollingUpdate`, and at most one replica",
    check: forPods((pod, manifest, all) => {
      if (!isKind(manifest, "Deployment")) return [];
      const claims = exclusiveClaims(pod, manifest, all);
      if (claims.length === 0) return [];
      const { strategy, replicas = 1 } = specOf(manifest);
      const { type, rollingUpdate } = fieldsOf(strategy);
      const on = `while the claim ${claims.join(", ")} can be used by one node at a time`;
      return [
        ...(type === "Recreate" ? [] : [`starts the new pod before it stops the old one, ${on}`]),
        ...(Number(replicas) > 1 ? [`has ${String(replicas)} replicas, ${on}`] : []),
        ...(type === "Recreate" && rollingUpdate !== undefined && rollingUpdate !== null
          ? ["sets rollingUpdate besides Recreate, which the API server refuses"]
          : []),
      ];
    }),
  },
  {
    name: "dangling-volume",
    severity: "high",
    scope: "stack",
    description: "Volumes refer to ConfigMaps, Secrets and claims that exist.",
    remediation: "correct the name, or say who makes the object",
    check: forPods((pod, manifest, all) => {
      const present = new Set(
        inSameNamespace(manifest, all, "ConfigMap", "Secret", "PersistentVolumeClaim").map(
          ({ kind, metadata }) => `${kind} ${metadata.name}`,
        ),
      );
      return volumeReferences(pod)
        .filter((reference) => !present.has(reference))
        .map((reference) => `mounts the ${reference}, which is not in the stack`);
    }),
  },
];

/** Selector of a workload in the form of a label selector; a ReplicationController has bare labels. */
function selectorOf(manifest: Manifest): unknown {
  const { selector } = specOf(manifest);
  return isKind(manifest, "ReplicationController") ? { matchLabels: selector } : selector;
}

/** Names of the claims among the pod's volumes that only one node can write to at a time. */
function exclusiveClaims(pod: PodTemplate, manifest: Manifest, all: readonly Manifest[]): string[] {
  const mounted = (pod.spec?.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
  return inSameNamespace(manifest, all, "PersistentVolumeClaim")
    .filter((claim) => mounted.includes(claim.metadata.name))
    .filter((claim) => {
      const modes = listOf<string>(specOf(claim)["accessModes"]);
      return modes.some((mode) => mode.startsWith("ReadWriteOnce")) && !modes.includes("ReadWriteMany");
    })
    .map(({ metadata }) => metadata.name ?? "");
}

/** `Kind name` of every object that the pod cannot start without because of a volume. */
function volumeReferences(pod: PodTemplate): string[] {
  const named = (kind: string, name: unknown, optional: boolean | undefined) =>
    textOf(name) === undefined || optional === true ? [] : [`${kind} ${textOf(name)}`];
  return (pod.spec?.volumes ?? []).flatMap(({ configMap, secret, persistentVolumeClaim, projected }) => [
    ...named("ConfigMap", configMap?.name, configMap?.optional),
    ...named("Secret", secret?.secretName, secret?.optional),
    ...named("PersistentVolumeClaim", persistentVolumeClaim?.claimName, false),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...named("ConfigMap", source.configMap?.name, source.configMap?.optional),
      ...named("Secret", source.secret?.name, source.secret?.optional),
    ]),
  ]);
}
