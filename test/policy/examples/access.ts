import {
  clusterObject,
  deployment,
  type Example,
  LABELS,
  NAMESPACE,
  object,
  podSpec,
  role,
  roleBinding,
  serviceAccount,
} from "./objects";

const RBAC = "rbac.authorization.k8s.io/v1";
const grant = (resources: readonly string[], verbs: readonly string[]) => role([{ apiGroups: [""], resources, verbs }]);
const clusterBinding = (name: string) =>
  clusterObject(RBAC, "ClusterRoleBinding", "web", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name: "web", namespace: NAMESPACE }],
  });

export const accessExamples: readonly Example[] = [
  {
    rule: "default-service-account",
    failing: [
      deployment(podSpec({ serviceAccountName: undefined })),
      deployment(podSpec({ serviceAccountName: "default" })),
    ],
    passing: [deployment()],
  },
  {
    rule: "non-existent-service-account",
    failing: [deployment()],
    passing: [deployment(), serviceAccount()],
  },
  {
    rule: "deprecated-service-account-field",
    failing: [deployment(podSpec({ serviceAccount: "web" }))],
    passing: [deployment()],
  },
  {
    rule: "automount-service-account-token",
    failing: [deployment(podSpec({ automountServiceAccountToken: undefined })), serviceAccount()],
    passing: [
      deployment(podSpec({ automountServiceAccountToken: undefined })),
      serviceAccount({ automountServiceAccountToken: false }),
    ],
  },
  {
    rule: "access-to-secrets",
    failing: [roleBinding(), grant(["secrets"], ["get"])],
    passing: [roleBinding(), grant(["configmaps"], ["get"])],
  },
  {
    rule: "access-to-secrets",
    failing: [
      clusterBinding("collected"),
      clusterObject(RBAC, "ClusterRole", "collected", {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: "yes" } }] },
      }),
      {
        apiVersion: RBAC,
        kind: "ClusterRole",
        metadata: { name: "part", labels: { part: "yes" } },
        rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }],
      },
    ],
    passing: [clusterBinding("view")],
  },
  {
    rule: "access-to-create-pods",
    failing: [roleBinding(), grant(["jobs"], ["create"])],
    passing: [roleBinding(), grant(["jobs"], ["get"])],
  },
  {
    rule: "access-to-pod-exec",
    failing: [roleBinding(), grant(["pods/exec"], ["create"])],
    passing: [roleBinding(), grant(["pods/log"], ["get"])],
  },
  {
    rule: "cluster-admin-role-binding",
    failing: [clusterBinding("cluster-admin")],
    passing: [clusterBinding("view")],
  },
  { rule: "wildcard-in-rules", failing: [grant(["*"], ["get"])], passing: [grant(["pods"], ["get"])] },
  {
    rule: "dangling-role-binding",
    failing: [roleBinding(), serviceAccount()],
    passing: [roleBinding(), serviceAccount(), grant(["pods"], ["get"]), clusterBinding("system:auth-delegator")],
  },
  {
    rule: "dangling-role-binding",
    failing: [roleBinding(), grant(["pods"], ["get"])],
    passing: [
      roleBinding({ subjects: [{ kind: "Group", name: "operators", apiGroup: "rbac.authorization.k8s.io" }] }),
      grant(["pods"], ["get"]),
    ],
  },
  {
    rule: "use-namespace",
    failing: [{ ...deployment(), metadata: { name: "web", namespace: "default", labels: LABELS } }],
    passing: [deployment(), clusterBinding("view")],
  },
  {
    rule: "recommended-labels",
    failing: [
      { ...serviceAccount(), metadata: { name: "web", namespace: NAMESPACE, labels: { app: "web" } } },
      { ...serviceAccount(), metadata: { name: "web", namespace: NAMESPACE } },
    ],
    passing: [serviceAccount()],
  },
  {
    rule: "no-extensions-v1beta",
    failing: [{ ...deployment(), apiVersion: "extensions/v1beta1" }],
    passing: [deployment()],
  },
  {
    rule: "deprecated-api",
    failing: [
      object("policy/v1beta1", "PodDisruptionBudget", "web"),
      object("v1", "Endpoints", "web"),
      clusterObject("v1", "PersistentVolume", "web", { spec: { persistentVolumeReclaimPolicy: "Recycle" } }),
    ],
    passing: [object("policy/v1", "PodDisruptionBudget", "web"), object("example.com/v1beta1", "Widget", "web")],
  },
];
