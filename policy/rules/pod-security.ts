import { describeObject, isKind, type Manifest } from "../manifest";
import { CONTROLS, ENFORCE_LABEL, enforcedLevel, LEVELS, rejections } from "../pod-security";
import { forPods, type Rule } from "../rule";

const URL = "https://kubernetes.io/docs/concepts/security/pod-security-admission/";

/** One rule per control of the Pod Security Standards, and the rules that tie them to the namespaces. */
export const podSecurityRules: readonly Rule[] = [
  ...CONTROLS.map(
    ({ level: _level, violations, beyondStandard, ...description }): Rule => ({
      ...description,
      scope: "object",
      check: forPods((pod) => [...violations(pod), ...(beyondStandard?.(pod) ?? [])]),
    }),
  ),
  {
    name: "pod-security-labels",
    severity: "high",
    scope: "object",
    url: URL,
    description: "Every namespace says which Pod Security level it enforces.",
    remediation: `set the label \`${ENFORCE_LABEL}\` to ${LEVELS.join(", ")}`,
    check: forNamespaces((namespace) =>
      enforcedLevel(namespace) === undefined ? [`the label ${ENFORCE_LABEL} is missing or no level`] : [],
    ),
  },
  {
    name: "pod-security-restricted",
    severity: "medium",
    scope: "object",
    url: URL,
    description: "Namespaces enforce the level `restricted`.",
    remediation: `set the label \`${ENFORCE_LABEL}\` to restricted, or say why the pods inside need more`,
    check: forNamespaces((namespace) => {
      const level = enforcedLevel(namespace);
      return level === undefined || level === "restricted" ? [] : [`enforces only the level ${level}`];
    }),
  },
  {
    name: "pod-security-level",
    severity: "critical",
    scope: "stack",
    url: URL,
    description: "What runs in a namespace fits the Pod Security level that the namespace enforces.",
    remediation: "correct the pod, or loosen the namespace knowingly: the API server will refuse the pod",
    check: forPods((pod, manifest, all) => {
      const home = all.find(
        (other) => isKind(other, "Namespace") && other.metadata.name === manifest.metadata.namespace,
      );
      const level = home && enforcedLevel(home);
      if (home === undefined || level === undefined) return [];
      return rejections(pod, level).map(
        (each) => `does not fit the level ${level} of ${describeObject(home)}: ${each}`,
      );
    }),
  },
];

function forNamespaces(check: (namespace: Manifest) => readonly string[]): Rule["check"] {
  return (manifest) => (isKind(manifest, "Namespace") ? check(manifest) : []);
}
