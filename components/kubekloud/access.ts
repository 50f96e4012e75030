import type { types } from "@pulumi/kubernetes";

type PolicyRule = types.input.rbac.v1.PolicyRule;

const manage = ["get", "list", "watch", "create", "update", "patch", "delete"];

/**
 * What the API may do: the seed's list, and the namespaces that its code makes and deletes, without which every
 * creation of a cluster fails. It holds in all namespaces, because RBAC knows no patterns of names; `confinement.ts`
 * takes back what lies outside of tenant namespaces.
 */
export const apiRules: PolicyRule[] = [
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "create", "delete"] },
  { apiGroups: [""], resources: ["pods", "services", "persistentvolumeclaims"], verbs: manage },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: manage },
  // Where there is no KubeVirt it means nothing; whether its machines can start, Pod Security and quota decide.
  { apiGroups: ["kubevirt.io"], resources: ["virtualmachines", "virtualmachineinstances"], verbs: manage },
];

/** What the tenant guard may do; `confinement.ts` restricts it to tenant namespaces as well. */
export const guardRules: PolicyRule[] = [
  { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: [""], resources: ["resourcequotas", "limitranges"], verbs: ["get", "create", "patch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get", "create", "patch"] },
];
