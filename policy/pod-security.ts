import { fieldsOf, type Manifest } from "./manifest";
import type { PodTemplate } from "./pod";
import { baselineControls } from "./pod-security-baseline";
import { restrictedControls } from "./pod-security-restricted";
import type { RuleDescription } from "./rule";

/** Levels of the Pod Security Standards, from the loosest to the strictest. */
export const LEVELS = ["privileged", "baseline", "restricted"] as const;
export type Level = (typeof LEVELS)[number];

/** The label by which a namespace says what pods the API server admits into it. */
export const ENFORCE_LABEL = "pod-security.kubernetes.io/enforce";

/** One control of the Pod Security Standards. */
export interface Control extends Omit<RuleDescription, "scope"> {
  /** The loosest level that has this control; stricter ones include it. */
  readonly level: Exclude<Level, "privileged">;
  /** What the admission controller would complain about. */
  readonly violations: (pod: PodTemplate) => readonly string[];
  /** What the kube-linter check of the same name complains about beyond the standard. */
  readonly beyondStandard?: (pod: PodTemplate) => readonly string[];
}

/** Every control of both levels. */
export const CONTROLS: readonly Control[] = [...baselineControls, ...restrictedControls];

/** The level a namespace enforces; `undefined` if it says none or a word that is no level. */
export function enforcedLevel(namespace: Manifest): Level | undefined {
  const value = fieldsOf(namespace.metadata.labels)[ENFORCE_LABEL];
  return LEVELS.find((level) => level === value);
}

/** What keeps the pod out of a namespace of this level, each with the name of its control in front. */
export function rejections(pod: PodTemplate, level: Level): string[] {
  return CONTROLS.filter((control) => LEVELS.indexOf(control.level) <= LEVELS.indexOf(level)).flatMap((control) =>
    control.violations(pod).map((violation) => `${control.name}: ${violation}`),
  );
}
