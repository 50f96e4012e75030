import type { NodeObject } from "./objects";

const GROUP = "admissionregistration.k8s.io";

/** An admission policy that changes objects on their way into the cluster. */
export interface MutatingPolicy {
  readonly name: string;
  /** Of the core group: "pods", "nodes/status". */
  readonly resource: string;
  readonly operation: "CREATE" | "UPDATE";
  /** What has to hold for an object to be changed: name → CEL expression. */
  readonly conditions: Readonly<Record<string, string>>;
  /** CEL expressions of the type JSONPatch, each one step. */
  readonly patch: readonly string[];
}

/** The policy, and the binding without which it has no effect. */
export function policyObjects({ name, resource, operation, conditions, patch }: MutatingPolicy): NodeObject[] {
  return [
    {
      path: `/apis/${GROUP}/v1beta1/mutatingadmissionpolicies`,
      object: {
        apiVersion: `${GROUP}/v1beta1`,
        kind: "MutatingAdmissionPolicy",
        metadata: { name },
        spec: {
          failurePolicy: "Fail",
          reinvocationPolicy: "Never",
          matchConstraints: {
            resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], resources: [resource], operations: [operation] }],
          },
          matchConditions: Object.entries(conditions).map(([each, expression]) => ({ name: each, expression })),
          mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: `[\n  ${patch.join(",\n  ")}\n]` } }],
        },
      },
    },
    {
      path: `/apis/${GROUP}/v1beta1/mutatingadmissionpolicybindings`,
      object: {
        apiVersion: `${GROUP}/v1beta1`,
        kind: "MutatingAdmissionPolicyBinding",
        metadata: { name },
        spec: { policyName: name },
      },
    },
  ];
}
