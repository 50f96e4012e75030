import { containsPath, type PropertyPath, parsePath } from "../protocol/property-path";
import type { PropertyMap } from "../protocol/property-values";
import { isMap, isUnknown, type PropertyValue, valueAt } from "../protocol/property-values";
import type { Configuration } from "./configuration";
import { isKind, kindOf } from "./kinds";

/** Sources of a PersistentVolume. */
const volumeSources = [
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs",
  "hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume",
]
  .join(" ")
  .split(" ");

const containerFields = [
  "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin",
  "stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir",
]
  .join(" ")
  .split(" ");

/** Fields of a Pod whose change replaces it: nearly all. */
const podFields = [
  "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID",
  "hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates",
  "restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace",
  "subdomain terminationGracePeriodSeconds volumes",
]
  .join(" ")
  .split(" ")
  .concat(["containers", "initContainers"].flatMap((list) => containerFields.map((field) => `${list}[*].${field}`)));

/**
 * Fields whose change replaces the object, by group and kind. What the server refuses beyond this list with "field is
 * immutable" is found by a dry run. Kinds and fields are those that the official provider replaces.
 */
const immutableSpecFields: Readonly<Record<string, readonly string[]>> = {
  "/PersistentVolume": volumeSources.map((source) => `spec.${source}`),
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/Pod": podFields.map((field) => `spec.${field}`),
  "/ResourceQuota": ["spec.scopes"],
  "/Service": ["spec.clusterIP"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/** Paths whose change replaces this object; its name and namespace always are among them. */
export function immutablePaths(
  object: PropertyMap,
  options: Pick<Configuration, "enableConfigMapMutable" | "enableSecretMutable">,
): PropertyPath[] {
  return ["metadata.name", "metadata.namespace", ...fieldsOfKind(object, options)].map(parsePath);
}

function fieldsOfKind(
  object: PropertyMap,
  options: Pick<Configuration, "enableConfigMapMutable" | "enableSecretMutable">,
): readonly string[] {
  const declaredImmutable = object["immutable"] === true;
  if (isKind(object, "", "Secret")) {
    return options.enableSecretMutable && !declaredImmutable ? ["type"] : ["type", "stringData", "data"];
  }
  if (isKind(object, "", "ConfigMap")) {
    return options.enableConfigMapMutable && !declaredImmutable ? [] : ["binaryData", "data"];
  }
  const { group, kind } = kindOf(object);
  return immutableSpecFields[`${group}/${kind}`] ?? [];
}

/**
 * Whether a change at `path` touches the field at `immutable`: it lies inside the field, or an object around the field
 * is added, deleted or changed as a whole (`value` is what was there or comes there). What is not known yet may change
 * anything; the engine asks with such values what else goes when it deletes an object.
 */
export function touches(immutable: PropertyPath, path: PropertyPath, value: PropertyValue): boolean {
  if (containsPath(immutable, path)) return true;
  if (!containsPath(immutable.slice(0, path.length), path)) return false;
  if (isUnknown(value)) return true;
  const rest = immutable.slice(path.length).map(String);
  return isMap(value) && valueAt(value, ...rest) !== undefined;
}
