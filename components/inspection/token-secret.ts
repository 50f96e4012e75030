import { Secret } from "@pulumi/kubernetes/core/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import { exceptionAnnotations } from "../kubernetes/exceptions";

export interface TokenSecretFacts {
  /** The consumer's. */
  readonly namespace: NamespaceBinding;
  readonly secretName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Who may write it. */
  readonly writer: { readonly account: pulumi.Resource; readonly accountName: string; readonly namespace: string };
}

/**
 * An empty Secret that a service account of another namespace fills, and may do nothing else there. The program never
 * says what is in it: by server-side apply the content then belongs to who wrote it, and is no drift.
 * @returns what the writer has to wait for
 */
export function addTokenSecret(
  name: string,
  { namespace, secretName, labels, writer }: TokenSecretFacts,
  parent: pulumi.Resource,
): pulumi.Resource {
  const fixedName = { parent, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
  const metadata = { name: secretName, namespace: namespace.name, labels };
  const secret = new Secret(`${name}-token`, { metadata, type: "Opaque" }, fixedName);
  const role = new Role(
    `${name}-token-writer`,
    {
      metadata,
      rules: [{ apiGroups: [""], resources: ["secrets"], resourceNames: [secretName], verbs: ["get", "patch"] }],
    },
    fixedName,
  );
  return new RoleBinding(
    `${name}-token-binding`,
    {
      metadata: {
        ...metadata,
        annotations: exceptionAnnotations({
          "access-to-secrets": "SonarQube makes the token while it runs; the role names this one Secret and no other.",
        }),
      },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: secretName },
      subjects: [{ kind: "ServiceAccount", name: writer.accountName, namespace: writer.namespace }],
    },
    { ...fixedName, dependsOn: [secret, role, writer.account] },
  );
}
