import type { types } from "@pulumi/kubernetes";
import { gainsNoPrivilege, leavesNodeAlone } from "../kubernetes/pod-confinement";
import { tenantNamespaces } from "./objects";

type PolicySpec = types.input.admissionregistration.v1.ValidatingAdmissionPolicySpec;
type Validation = types.input.admissionregistration.v1.Validation;
type Variable = types.input.admissionregistration.v1.Variable;

const { suffix, label, labelValue } = tenantNamespaces;

/** A service account. */
export interface AccountReference {
  readonly namespace: string;
  readonly name: string;
}

/** The place that a request is about, and whether it belongs to the tenants. */
const place: Variable[] = [
  { name: "isNamespace", expression: "request.resource.group == '' && request.resource.resource == 'namespaces'" },
  {
    name: "target",
    expression:
      "variables.isNamespace ? (request.operation == 'CREATE' ? object.metadata.name : request.name) " +
      ": (has(request.namespace) ? request.namespace : '')",
  },
  {
    name: "managedBy",
    expression:
      "variables.isNamespace " +
      `? (request.operation == 'CREATE' ? object : oldObject).metadata.?labels[?'${label}'].orValue('') ` +
      `: namespaceObject.metadata.?labels[?'${label}'].orValue('')`,
  },
];

/** An existing namespace of somebody else is neither used nor deleted, even if its name ends like one of a tenant. */
const insideTenantNamespaces: Validation[] = [
  {
    expression: `variables.target.endsWith('${suffix}')`,
    message: `This account may change objects in tenant namespaces only: their names end in ${suffix}.`,
    reason: "Forbidden",
  },
  {
    expression: `variables.managedBy == '${labelValue}'`,
    message: `This account may change tenant namespaces only: they have the label ${label}=${labelValue}.`,
    reason: "Forbidden",
  },
];

/**
 * What the API's account may do besides its role. Pods are looked at here as well, because a namespace is a few
 * seconds old before it has its Pod Security level.
 */
export function apiConfinement(account: AccountReference): PolicySpec {
  return confined(account, {
    variables: [
      ...place,
      {
        name: "podSpecs",
        expression:
          "request.operation == 'DELETE' ? [] : request.resource.resource == 'pods' ? [object.spec] " +
          ": request.resource.resource in ['deployments', 'statefulsets'] ? [object.spec.template.spec] : []",
      },
      {
        name: "machineSpecs",
        expression:
          "request.operation == 'DELETE' ? [] : request.resource.resource == 'virtualmachineinstances' ? [object.spec] " +
          ": request.resource.resource == 'virtualmachines' ? [object.spec.template.spec] : []",
      },
    ],
    validations: [
      ...insideTenantNamespaces,
      {
        expression:
          "!variables.isNamespace || request.operation == 'DELETE' || (request.operation == 'CREATE' && " +
          "!object.metadata.?labels.orValue({}).exists(key, key.startsWith('pod-security.kubernetes.io/')))",
        message: "This account may not change namespaces or choose their Pod Security level.",
        reason: "Forbidden",
      },
      {
        expression: `variables.podSpecs.all(spec, ${leavesNodeAlone("spec")})`,
        message: "Pods of tenants may not use the node's network, processes or files.",
        reason: "Forbidden",
      },
      {
        expression: `variables.podSpecs.all(spec, ${gainsNoPrivilege("spec")})`,
        message: "Containers of tenants may not be privileged or add capabilities.",
        reason: "Forbidden",
      },
      {
        expression: `variables.machineSpecs.all(spec, ${leavesHostAlone("spec")})`,
        message: "Virtual machines of tenants may not use disks or devices of the node.",
        reason: "Forbidden",
      },
    ],
  });
}

/** A virtual machine's spec names no disk and no device of the node it runs on. KubeVirt makes its pod, not the API. */
function leavesHostAlone(spec: string): string {
  return (
    `!${spec}.?volumes.orValue([]).exists(volume, has(volume.hostDisk)) && ` +
    `${spec}.?domain.?devices.?hostDevices.orValue([]).size() == 0 && ` +
    `${spec}.?domain.?devices.?gpus.orValue([]).size() == 0`
  );
}

/** What the tenant guard's account may do besides its role. */
export function guardConfinement(account: AccountReference): PolicySpec {
  return confined(account, { variables: place, validations: insideTenantNamespaces });
}

/** A policy for everything that one account changes, in any API group and by any verb. */
function confined(
  { namespace, name }: AccountReference,
  checks: { readonly variables: Variable[]; readonly validations: Validation[] },
): PolicySpec {
  return {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"], operations: ["*"], scope: "*" }],
    },
    matchConditions: [
      { name: "account", expression: `request.userInfo.username == 'system:serviceaccount:${namespace}:${name}'` },
    ],
    ...checks,
  };
}
