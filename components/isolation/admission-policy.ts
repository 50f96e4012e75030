import type { types } from "@pulumi/kubernetes";
import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "@pulumi/kubernetes/admissionregistration/v1";
import type * as pulumi from "@pulumi/pulumi";

/** An admission policy that holds for the whole cluster. */
export interface AdmissionPolicyFacts {
  /** Name of the policy and of its binding. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;
}

/**
 * A policy that the API server checks requests by, in force: what it does not allow is refused and noted in the audit log.
 * @param name start of the logical names
 * @returns the binding: once it exists, the policy is in force
 */
export function enforceAdmissionPolicy(
  name: string,
  { name: objectName, labels, spec }: AdmissionPolicyFacts,
  options: pulumi.CustomResourceOptions,
): ValidatingAdmissionPolicyBinding {
  const metadata = { name: objectName, labels };
  const policy = new ValidatingAdmissionPolicy(name, { metadata, spec }, options);
  return new ValidatingAdmissionPolicyBinding(
    `${name}-binding`,
    { metadata, spec: { policyName: objectName, validationActions: ["Deny", "Audit"] } },
    { ...options, dependsOn: [policy] },
  );
}
