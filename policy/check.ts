import { EXCEPTION_RULES, type Exception, IGNORE_ALL, isReason, listExceptions } from "./exceptions";
import type { Manifest } from "./manifest";
import { NOT_ADOPTED, RULES } from "./registry";
import type { Finding, Rule, RuleDescription, Severity } from "./rule";

const SEVERITIES: readonly Severity[] = ["low", "medium", "high", "critical"];
const [EXCEPTION_REASON, UNKNOWN_EXCEPTION, UNUSED_EXCEPTION] = EXCEPTION_RULES;

export interface CheckOptions {
  /** Report nothing below this severity. @default low */
  readonly minimumSeverity?: Severity;
}

/**
 * Checks the objects of one stack against every rule.
 * @param manifests all objects of the stack: some rules look for what an object refers to
 * @returns findings in the order of the objects, then of the rules; none that an exception with a reason covers
 */
export function checkManifests(manifests: readonly Manifest[], options: CheckOptions = {}): Finding[] {
  const { minimumSeverity = "low" } = options;
  return manifests
    .flatMap((manifest) => [
      ...RULES.flatMap((rule) => checkRule(rule, manifest, manifests)),
      ...checkExceptions(manifest),
      ...checkUnusedExceptions(manifest, manifests),
    ])
    .filter(({ severity }) => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(minimumSeverity));
}

/** Checks one object against one rule, its exception considered. */
export function checkRule(rule: Rule, manifest: Manifest, all: readonly Manifest[]): Finding[] {
  const excepted = listExceptions([manifest]).some(
    (exception) => exception.rule === rule.name && isReason(exception.reason),
  );
  return excepted ? [] : rule.check(manifest, all).map((message) => finding(rule, manifest, message));
}

/** Checks that the exceptions of an object have a reason and name a rule. */
export function checkExceptions(manifest: Manifest): Finding[] {
  const exceptions = listExceptions([manifest]);
  return [
    ...exceptions
      .filter(({ reason }) => !isReason(reason))
      .map(({ rule }) =>
        finding(EXCEPTION_REASON, manifest, `the exception from ${rule} has no reason worth the name`),
      ),
    ...exceptions
      .filter((exception) => ruleOf(exception) === undefined && !(exception.rule in NOT_ADOPTED))
      .map(({ rule }) => finding(UNKNOWN_EXCEPTION, manifest, `there is no rule "${rule}"`)),
    ...(IGNORE_ALL in (manifest.metadata.annotations ?? {})
      ? [finding(UNKNOWN_EXCEPTION, manifest, `the annotation ${IGNORE_ALL} has no effect here`)]
      : []),
  ];
}

/** Checks that the object would break the rules that it has exceptions from. */
export function checkUnusedExceptions(manifest: Manifest, all: readonly Manifest[]): Finding[] {
  return listExceptions([manifest])
    .filter((exception) => ruleOf(exception)?.check(manifest, all).length === 0)
    .map(({ rule }) => finding(UNUSED_EXCEPTION, manifest, `keeps to ${rule}, so it needs no exception from it`));
}

function ruleOf(exception: Exception): Rule | undefined {
  return RULES.find(({ name }) => name === exception.rule);
}

function finding(rule: RuleDescription, object: Manifest, message: string): Finding {
  return { rule: rule.name, severity: rule.severity, object, message, remediation: rule.remediation };
}
