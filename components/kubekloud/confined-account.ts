import type { types } from "@pulumi/kubernetes";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRole, ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import { enforceAdmissionPolicy } from "../isolation/admission-policy";
import { exceptionAnnotations, type PolicyExceptions } from "../kubernetes/exceptions";

export interface ConfinedAccountFacts {
  readonly namespace: NamespaceBinding;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the objects. */
  readonly names: {
    readonly account: string;
    readonly role: string;
    readonly binding: string;
    /** Admission policy and its binding. */
    readonly confinement: string;
  };
  /** What the account may do in all namespaces, as far as the confinement lets it. */
  readonly rules: types.input.rbac.v1.PolicyRule[];
  readonly confinement: types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;
  /** Of the role's binding. */
  readonly exceptions?: PolicyExceptions;
}

/** A service account with rights in all namespaces, and the admission policy that confines it to some of them. */
export class ConfinedAccount extends pulumi.ComponentResource {
  /** The account, confined and with its rights: a pod that uses it depends on them. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, facts: ConfinedAccountFacts, opts?: pulumi.ComponentResourceOptions) {
    super("platform:kubekloud:ConfinedAccount", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { namespace, labels, names } = facts;
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: { name: names.account, namespace: namespace.name, labels }, automountServiceAccountToken: false },
      fixedName,
    );
    const confined = enforceAdmissionPolicy(
      `${name}-confinement`,
      { name: names.confinement, labels, spec: facts.confinement },
      fixedName,
    );
    const role = new ClusterRole(
      `${name}-role`,
      { metadata: { name: names.role, labels }, rules: facts.rules },
      fixedName,
    );
    const binding = new ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: { name: names.binding, labels, annotations: exceptionAnnotations(facts.exceptions) },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: names.role },
        subjects: [{ kind: "ServiceAccount", name: names.account, namespace: namespace.plainName }],
      },
      { ...fixedName, dependsOn: [account, role, confined] }, // no moment with the rights and without the confinement
    );
    this.ready = [account, binding];
    this.registerOutputs({});
  }
}
