import type { types } from "@pulumi/kubernetes";

type PolicyRule = types.input.rbac.v1.PolicyRule;

/** What the provisioner does in the whole cluster: it makes and deletes volumes for the claims of its class. */
export const provisionerClusterRules: PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get", "list", "watch", "create", "delete"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list", "watch", "update"] },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "update", "patch"] },
];

/** What it does in its own namespace: version 4.0.2 keeps the lock of its leader election in an Endpoints object. */
export const provisionerLockRules: PolicyRule[] = [
  { apiGroups: [""], resources: ["endpoints"], verbs: ["get", "list", "watch", "create", "update", "patch"] },
];
