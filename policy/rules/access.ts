import { fieldsOf, inSameNamespace, isKind, listOf, type Manifest, textOf } from "../manifest";
import type { PodTemplate } from "../pod";
import { forPods, type Rule } from "../rule";
import { selects } from "../selector";

const URL = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/";
/** Roles of every cluster that are not objects of the stack, and whether they can do nearly everything. */
const BUILT_IN_ROLES = new Map([
  ["cluster-admin", true],
  ["admin", true],
  ["edit", true],
  ["view", false],
]);
const POD_MAKERS = /^(\*|pods|deployments|statefulsets|replicasets|cronjobs?|jobs|daemonsets)$/;

/** Who may do what with the Kubernetes API. */
export const accessRules: readonly Rule[] = [
  {
    name: "default-service-account",
    severity: "medium",
    scope: "object",
    description: "Every workload has a service account of its own.",
    remediation: "create a ServiceAccount and set `serviceAccountName`",
    check: forPods((pod) =>
      ["", "default"].includes(serviceAccountOf(pod)) ? ["uses the default service account of its namespace"] : [],
    ),
  },
  {
    name: "non-existent-service-account",
    severity: "high",
    scope: "stack",
    description: "The service account of a workload exists.",
    remediation: "create the ServiceAccount, or correct the name",
    check: forPods((pod, manifest, all) => {
      const name = serviceAccountOf(pod);
      return ["", "default"].includes(name) || serviceAccount(name, manifest, all) !== undefined
        ? []
        : [`the service account "${name}" is not in the stack`];
    }),
  },
  {
    name: "deprecated-service-account-field",
    severity: "low",
    scope: "object",
    description: "Pods name their service account in `serviceAccountName`.",
    remediation: "rename `serviceAccount` to `serviceAccountName`",
    check: forPods(({ spec }) =>
      spec?.serviceAccount === undefined ? [] : ["uses the deprecated field serviceAccount"],
    ),
  },
  {
    name: "automount-service-account-token",
    severity: "medium",
    scope: "stack",
    url: "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
    description: "Only what calls the Kubernetes API gets credentials for it.",
    remediation: "set `automountServiceAccountToken: false`, or say what the pod needs the API for",
    check: forPods((pod, manifest, all) => {
      const account = serviceAccount(serviceAccountOf(pod) || "default", manifest, all);
      const mounted = pod.spec?.automountServiceAccountToken ?? account?.["automountServiceAccountToken"];
      return mounted === false ? [] : ["gets credentials for the Kubernetes API"];
    }),
  },
  grants("access-to-secrets", "high", "read or change Secrets", (resource) => /^(\*|secrets)$/.test(resource)),
  grants(
    "access-to-create-pods",
    "high",
    "create pods and so use every Secret of their namespace",
    (resource, verb) => POD_MAKERS.test(resource) && /^(\*|create)$/.test(verb),
  ),
  grants("access-to-pod-exec", "high", "run commands in pods", (resource) =>
    /^(\*|pods\/(\*|exec|attach))$/.test(resource),
  ),
  {
    name: "cluster-admin-role-binding",
    severity: "critical",
    scope: "object",
    url: URL,
    description: "Nobody is bound to `cluster-admin`.",
    remediation: "bind a role with just the rules that are needed",
    check: forBindings((binding) =>
      fieldsOf(binding["roleRef"])["name"] === "cluster-admin" ? ["binds cluster-admin"] : [],
    ),
  },
  {
    name: "wildcard-in-rules",
    severity: "high",
    scope: "object",
    url: URL,
    description: "Roles name the groups, resources and verbs they grant.",
    remediation: "replace `*` by what is needed",
    check: (manifest) =>
      isKind(manifest, "Role", "ClusterRole")
        ? listOf(manifest["rules"]).flatMap((rule) =>
            ["apiGroups", "resources", "verbs"]
              .filter((field) => listOf<string>(rule[field]).includes("*"))
              .map((field) => `grants all ${field}`),
          )
        : [],
  },
  {
    name: "dangling-role-binding",
    severity: "high",
    scope: "stack",
    description: "The role and the service accounts of a binding exist.",
    remediation: "correct the name; the API server accepts a binding to nothing without a word",
    check: forBindings((binding, all) => {
      const { kind, name } = fieldsOf(binding["roleRef"]);
      const roleMissing = roleOf(binding, all) === undefined && !isBuiltIn(textOf(name) ?? "");
      const accounts = listOf(binding["subjects"])
        .filter((subject) => subject["kind"] === "ServiceAccount" && subject["name"] !== "default")
        .filter(
          (subject) =>
            !all.some(
              ({ kind, metadata }) =>
                kind === "ServiceAccount" &&
                metadata.name === subject["name"] &&
                metadata.namespace === (subject["namespace"] ?? binding.metadata.namespace),
            ),
        );
      return [
        ...(roleMissing ? [`the ${String(kind)} "${String(name)}" is not in the stack`] : []),
        ...accounts.map((each) => `the service account "${String(each["name"])}" is not in the stack`),
      ];
    }),
  },
];

function serviceAccountOf(pod: PodTemplate): string {
  return pod.spec?.serviceAccountName ?? pod.spec?.serviceAccount ?? "";
}

function serviceAccount(name: string, user: Manifest, all: readonly Manifest[]): Manifest | undefined {
  return inSameNamespace(user, all, "ServiceAccount").find(({ metadata }) => metadata.name === name);
}

function forBindings(check: (binding: Manifest, all: readonly Manifest[]) => readonly string[]): Rule["check"] {
  return (manifest, all) => (isKind(manifest, "RoleBinding", "ClusterRoleBinding") ? check(manifest, all) : []);
}

/** A rule that wants a reason for bindings to roles with a certain right. */
function grants(
  name: string,
  severity: Rule["severity"],
  right: string,
  isGranted: (resource: string, verb: string) => boolean,
): Rule {
  return {
    name,
    severity,
    scope: "stack",
    url: URL,
    description: `No binding lets its subjects ${right}.`,
    remediation: "take the right out of the role, or say what the subject needs it for",
    check: forBindings((binding, all) => {
      const role = textOf(fieldsOf(binding["roleRef"])["name"]) ?? "";
      const granted =
        BUILT_IN_ROLES.get(role) === true ||
        policyRules(roleOf(binding, all), all).some((rule) =>
          listOf<string>(rule["resources"]).some((resource) =>
            listOf<string>(rule["verbs"]).some((verb) => isGranted(resource, verb)),
          ),
        );
      return granted ? [`the role "${role}" lets its subjects ${right}`] : [];
    }),
  };
}

function isBuiltIn(role: string): boolean {
  return role.startsWith("system:") || BUILT_IN_ROLES.has(role);
}

function roleOf(binding: Manifest, all: readonly Manifest[]): Manifest | undefined {
  const { kind, name } = fieldsOf(binding["roleRef"]);
  const candidates =
    kind === "Role" ? inSameNamespace(binding, all, "Role") : all.filter((each) => isKind(each, "ClusterRole"));
  return candidates.find(({ metadata }) => metadata.name === name);
}

/** Rules of a role with those that it collects from other roles. */
function policyRules(role: Manifest | undefined, all: readonly Manifest[]) {
  const selectors = listOf(fieldsOf(role?.["aggregationRule"])["clusterRoleSelectors"]);
  const collected = all.filter(
    (each) => isKind(each, "ClusterRole") && selectors.some((selector) => selects(selector, each.metadata.labels)),
  );
  return [role, ...collected].flatMap((each) => listOf(each?.["rules"]));
}
