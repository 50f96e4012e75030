import type { types } from "@pulumi/kubernetes";

type PolicyRule = types.input.rbac.v1.PolicyRule;

/**
 * Exactly the calls that the application's runtime makes in the namespace of the sandboxes. It neither lists nor watches
 * nor changes anything, and runs commands through a sandbox's own server instead of `exec`.
 */
export const runtimeRules: PolicyRule[] = [
  { apiGroups: [""], resources: ["pods", "persistentvolumeclaims"], verbs: ["get", "create", "delete"] },
  { apiGroups: [""], resources: ["services"], verbs: ["create", "delete"] },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: ["create", "delete"] },
];

/** What the Job may do that takes the token from the default account. */
export const accountRules: PolicyRule[] = [
  { apiGroups: [""], resources: ["serviceaccounts"], resourceNames: ["default"], verbs: ["patch"] },
];
