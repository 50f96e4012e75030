import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import type { HostAccount } from "./host-cluster-account";

export interface BootstrapAccessFacts {
  /** Name of the account and of its role. */
  readonly objectName: string;
  /** Vault's own; the host account lives there, too. */
  readonly namespace: NamespaceBinding;
  readonly labels: Readonly<Record<string, string>>;
  readonly keysSecretName: string;
  readonly hostAccount?: HostAccount | undefined;
}

/** The service account of the bootstrap. @returns what its pods have to wait for */
export function addBootstrapAccess(
  name: string,
  facts: BootstrapAccessFacts,
  parent: pulumi.Resource,
): pulumi.Resource[] {
  const fixedName = { parent, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
  const { hostAccount } = facts;
  const metadata = { name: facts.objectName, namespace: facts.namespace.name, labels: facts.labels };
  const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, fixedName);
  const role = new Role(
    `${name}-role`,
    {
      metadata,
      rules: [
        { apiGroups: [""], resources: ["secrets"], resourceNames: [facts.keysSecretName], verbs: ["get", "patch"] },
        ...(hostAccount === undefined
          ? []
          : [
              { apiGroups: [""], resources: ["serviceaccounts"], resourceNames: [hostAccount.name], verbs: ["get"] },
              {
                apiGroups: [""],
                resources: ["serviceaccounts/token"],
                resourceNames: [hostAccount.name],
                verbs: ["create"],
              },
            ]),
      ],
    },
    fixedName,
  );
  const binding = new RoleBinding(
    `${name}-binding`,
    {
      metadata: {
        ...metadata,
        annotations: exceptionAnnotations({
          "access-to-secrets": "It keeps Vault's unseal keys in the one Secret that its role names.",
        }),
      },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: facts.objectName },
      subjects: [{ kind: "ServiceAccount", name: facts.objectName, namespace: facts.namespace.plainName }],
    },
    { ...fixedName, dependsOn: [account, role] },
  );
  return [binding, ...(hostAccount?.ready ?? [])];
}
