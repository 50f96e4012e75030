import { describeObject, type Manifest, podTemplateOf } from "./manifest";
import type { PodTemplate } from "./pod";

/** Impact of a violation, in the words of CrossGuard. `low` never blocks a deployment. */
export type Severity = "low" | "medium" | "high" | "critical";

/** Everything about a rule besides its code; what tables and reports show. */
export interface RuleDescription {
  /** Identifier in kebab case: the name of the kube-linter check or Pod Security control where there is one. */
  readonly name: string;
  readonly severity: Severity;
  /** What the rule demands, as one sentence. */
  readonly description: string;
  /** What to do about a violation, as one sentence. */
  readonly remediation: string;
  /** Page with the reasons, if there is a stable one. */
  readonly url?: string;
  /**
   * `object`: the verdict needs the object alone. `stack`: it needs the other objects of the stack, too.
   */
  readonly scope: "object" | "stack";
}

/** One thing to demand from the objects of a stack. */
export interface Rule extends RuleDescription {
  /**
   * Says what is wrong with `manifest`, one message per violation; empty if all is well or the rule has
   * nothing to do with this kind. Messages never contain a value that could be a secret.
   * @param all every object of the stack, `manifest` included; rules of scope `object` do not read it
   */
  readonly check: (manifest: Manifest, all: readonly Manifest[]) => readonly string[];
}

/** One violation of one rule by one object. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly object: Manifest;
  readonly message: string;
  readonly remediation: string;
}

/** `rule  Kind namespace/name: message (remediation)` */
export function formatFinding(finding: Finding): string {
  return `${finding.rule}  ${describeObject(finding.object)}: ${finding.message} (${finding.remediation})`;
}

/** A check of pods, for use as `check` of a rule. */
export function forPods(
  check: (pod: PodTemplate, manifest: Manifest, all: readonly Manifest[]) => readonly string[],
): Rule["check"] {
  return (manifest, all) => {
    const pod = podTemplateOf(manifest);
    return pod === undefined ? [] : check(pod, manifest, all);
  };
}
