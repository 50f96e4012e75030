/**
 * Namespaces of K-PaaS and of what its guides install. The Portal-API of v1.6.0 hides most of them from tenants by
 * itself, the one of v1.4.1 none; what it is told replaces its own list.
 */
const hiddenNamespaces: readonly string[] = [
  "auth",
  "cert-manager",
  "chaos-mesh",
  "chartmuseum",
  "cp-pipeline",
  "cp-portal",
  "cp-source-control",
  "harbor",
  "ingress-nginx",
  "istio-system",
  "keycloak",
  "knative-eventing",
  "knative-serving",
  "kube-node-lease",
  "kube-public",
  "kube-system",
  "kubeedge",
  "kubeflow",
  "kubeflow-user-example-com",
  "kyverno",
  "mariadb",
  "metallb-system",
  "postgres",
  "rook-ceph",
  "vault",
];

/** Namespaces that the portal means something else by: `all` in its paths, the second one in its users' records. */
export const reservedNamespaces: readonly string[] = ["all", "cp-portal-temp-namespace", "kubernetes-dashboard"];

/** Words that stand for a namespace in the portal's own data and paths. */
const namespaceWords = ["cp-portal-temp-namespace", "all", "ALL"];

/**
 * What the Portal-API is told to hide, in its own form.
 * @param platformNamespaces of this stack, whose names the image cannot know
 */
export function hiddenNamespaceList(platformNamespaces: readonly string[]): string {
  return [...namespaceWords, ...new Set([...hiddenNamespaces, ...platformNamespaces].sort())].join(",");
}
