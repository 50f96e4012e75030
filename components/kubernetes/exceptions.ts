/**
 * Why an object is allowed to break a policy rule. Kept on the object itself, in the annotation that kube-linter
 * defines for it, so that whoever meets the object in the cluster finds the reason too. `policy/` lists all of them.
 */
export type PolicyExceptions = Readonly<Record<string, string>>;

/** Annotations for exceptions given as rule name → reason. */
export function exceptionAnnotations(exceptions: PolicyExceptions = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(exceptions).map(([rule, reason]) => [`ignore-check.kube-linter.io/${rule}`, reason]),
  );
}
