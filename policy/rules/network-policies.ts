import { fieldsOf, inSameNamespace, isKind, listOf, type Manifest, podTemplateOf, specOf } from "../manifest";
import { forPods, type Rule } from "../rule";
import { describeSelector, isEmptySelector, selectedWorkloads, selects } from "../selector";

type Direction = "Ingress" | "Egress";
const DIRECTIONS: readonly Direction[] = ["Ingress", "Egress"];
const URL = "https://kubernetes.io/docs/concepts/services-networking/network-policies/";

/** Who may talk to whom. */
export const networkPolicyRules: readonly Rule[] = [
  {
    name: "non-isolated-pod",
    severity: "high",
    scope: "stack",
    url: URL,
    description: "Every pod is isolated by a NetworkPolicy in both directions.",
    remediation: "add a NetworkPolicy that selects the pod, for the types Ingress and Egress",
    check: forPods((pod, manifest, all) => {
      const policies = inSameNamespace(manifest, all, "NetworkPolicy").filter((policy) =>
        selects(specOf(policy)["podSelector"], pod.metadata?.labels),
      );
      return DIRECTIONS.filter((direction) => !policies.some((policy) => restricts(policy, direction))).map(
        (direction) => `no NetworkPolicy restricts the ${direction.toLowerCase()} of its pods`,
      );
    }),
  },
  {
    name: "missing-default-deny",
    severity: "high",
    scope: "stack",
    url: `${URL}#default-deny-all-ingress-and-all-egress-traffic`,
    description: "Every namespace with pods denies all traffic that no other NetworkPolicy allows.",
    remediation: "add a NetworkPolicy with an empty pod selector, both types and no rules",
    check: (manifest, all) => {
      if (!isKind(manifest, "Namespace")) return [];
      const inside = all.filter((each) => each.metadata.namespace === manifest.metadata.name);
      if (!inside.some((each) => podTemplateOf(each) !== undefined)) return [];
      return DIRECTIONS.filter((direction) => !inside.some((each) => deniesAll(each, direction))).map(
        (direction) => `has pods, but no NetworkPolicy that denies all ${direction.toLowerCase()}`,
      );
    },
  },
  {
    name: "allow-all-network-policy",
    severity: "high",
    scope: "object",
    url: URL,
    description: "No NetworkPolicy allows traffic to or from everywhere on every port.",
    remediation: "name the peers, or at least the ports",
    check: forPolicies((policy) =>
      DIRECTIONS.filter((direction) =>
        rulesOf(policy, direction).some(
          (rule) =>
            listOf(rule["ports"]).length === 0 && listOf(rule[direction === "Ingress" ? "from" : "to"]).length === 0,
        ),
      ).map((direction) => `allows all ${direction.toLowerCase()}`),
    ),
  },
  {
    name: "dangling-networkpolicy",
    severity: "medium",
    scope: "stack",
    description: "A NetworkPolicy selects pods that exist.",
    remediation: "correct `podSelector`, or remove the policy",
    check: forPolicies((policy, all) => {
      const { podSelector } = specOf(policy);
      return selectedWorkloads(podSelector, inSameNamespace(policy, all)).length > 0
        ? []
        : [`selects no pod by ${describeSelector(podSelector)}`];
    }),
  },
  {
    name: "dangling-networkpolicypeer-podselector",
    severity: "medium",
    scope: "stack",
    description: "The peers of a NetworkPolicy within its namespace are pods that exist.",
    remediation: "correct the peer's `podSelector`; add a `namespaceSelector` if the peer lives elsewhere",
    check: forPolicies((policy, all) => {
      const peers = DIRECTIONS.flatMap((direction) =>
        rulesOf(policy, direction).flatMap((rule) => listOf(rule[direction === "Ingress" ? "from" : "to"])),
      );
      return peers
        .filter(({ podSelector, namespaceSelector }) => podSelector !== undefined && namespaceSelector === undefined)
        .filter(({ podSelector }) => selectedWorkloads(podSelector, inSameNamespace(policy, all)).length === 0)
        .map(({ podSelector }) => `no pod is the peer ${describeSelector(podSelector)}`);
    }),
  },
];

function forPolicies(check: (policy: Manifest, all: readonly Manifest[]) => readonly string[]): Rule["check"] {
  return (manifest, all) => (isKind(manifest, "NetworkPolicy") ? check(manifest, all) : []);
}

function rulesOf(policy: Manifest, direction: Direction) {
  return listOf(specOf(policy)[direction.toLowerCase()]).map(fieldsOf);
}

/** Without `policyTypes` a policy restricts ingress always and egress if it has egress rules. */
function restricts(policy: Manifest, direction: Direction): boolean {
  const types = listOf<string>(specOf(policy)["policyTypes"]);
  return types.length > 0
    ? types.includes(direction)
    : direction === "Ingress" || rulesOf(policy, direction).length > 0;
}

function deniesAll(manifest: Manifest, direction: Direction): boolean {
  return (
    isKind(manifest, "NetworkPolicy") &&
    isEmptySelector(specOf(manifest)["podSelector"]) &&
    restricts(manifest, direction) &&
    rulesOf(manifest, direction).length === 0
  );
}
