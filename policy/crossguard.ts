import type { EnforcementLevel, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { checkExceptions, checkRule, checkUnusedExceptions } from "./check";
import { EXCEPTION_RULES } from "./exceptions";
import type { Manifest } from "./manifest";
import { manifestOf, manifestsOf, unlessUnknown } from "./pulumi-manifest";
import { RULES } from "./registry";
import type { Finding, RuleDescription, Severity } from "./rule";

/** Every rule of the registry as a CrossGuard policy. */
export const POLICIES: readonly (ResourceValidationPolicy | StackValidationPolicy)[] = [
  ...RULES.map((rule) =>
    rule.scope === "object"
      ? resourcePolicy(rule, (manifest) => checkRule(rule, manifest, [manifest]))
      : stackPolicy(rule, (manifest, all) => checkRule(rule, manifest, all)),
  ),
  ...EXCEPTION_RULES.map((rule) => {
    const ofThisRule = (findings: Finding[]) => findings.filter((finding) => finding.rule === rule.name);
    return rule.scope === "object"
      ? resourcePolicy(rule, (manifest) => ofThisRule(checkExceptions(manifest)))
      : stackPolicy(rule, (manifest, all) => ofThisRule(checkUnusedExceptions(manifest, all)));
  }),
];

function resourcePolicy(
  rule: RuleDescription,
  check: (manifest: Manifest) => readonly Finding[],
): ResourceValidationPolicy {
  return {
    ...policyFields(rule),
    validateResource: (args, reportViolation) => {
      const findings = unlessUnknown(() => {
        const manifest = manifestOf(args.type, args.props);
        return manifest === undefined ? [] : check(manifest);
      });
      if (findings === undefined)
        return args.notApplicable("depends on a value that is known after the deployment only");
      for (const { message } of findings) reportViolation(message);
    },
  };
}

function stackPolicy(
  rule: RuleDescription,
  check: (manifest: Manifest, all: readonly Manifest[]) => readonly Finding[],
): StackValidationPolicy {
  return {
    ...policyFields(rule),
    validateStack: ({ resources }, reportViolation) => {
      const entries = manifestsOf(resources);
      const all = entries.map(({ manifest }) => manifest);
      for (const { manifest, urn } of entries) {
        // What is unknown in the preview is checked in the update, right after the preview.
        for (const { message } of unlessUnknown(() => check(manifest, all)) ?? []) reportViolation(message, urn);
      }
    },
  };
}

function policyFields({ name, description, severity, remediation, url }: RuleDescription) {
  return {
    name,
    description,
    severity,
    enforcementLevel: enforcementLevel(severity),
    remediationSteps: remediation,
    ...(url !== undefined && { url }),
  };
}

/** A matter of taste must not block a deployment. */
function enforcementLevel(severity: Severity): EnforcementLevel {
  return severity === "low" ? "advisory" : "mandatory";
}
