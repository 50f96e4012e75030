import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";

export interface HostClusterAccountArgs {
  /** One where no tenant can start pods: a pod there could take the account. */
  readonly namespace: NamespaceBinding;
  /** Name of the account and of its binding. Upstream: `cp-cluster-admin` (v1.4.1: `k8sadmin`). */
  readonly accountName: string;
}

/** A service account as the bootstrap of Vault asks tokens for it. */
export interface HostAccount {
  readonly namespace: string;
  readonly name: string;
  /** What gives the account its rights. */
  readonly ready: readonly pulumi.Resource[];
}

/**
 * The account by which the portal manages the cluster that it runs on. It has no token of its own: Vault gets one that
 * ends, again and again.
 */
export class HostClusterAccount extends pulumi.ComponentResource {
  readonly account: HostAccount;

  constructor(name: string, args: HostClusterAccountArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:secrets:HostClusterAccount", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const labels = standardLabels({ system: "vault", instance: args.accountName, component: "host-cluster" });
    const account = new ServiceAccount(
      `${name}-account`,
      {
        metadata: { name: args.accountName, namespace: args.namespace.name, labels },
        automountServiceAccountToken: false,
      },
      fixedName,
    );
    const binding = new ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: {
          name: args.accountName,
          labels,
          annotations: exceptionAnnotations(
            Object.fromEntries(
              ["cluster-admin-role-binding", "access-to-secrets", "access-to-create-pods", "access-to-pod-exec"].map(
                (rule) => [
                  rule,
                  "The portal makes namespaces, roles and administrators: it can only grant what its account has itself.",
                ],
              ),
            ),
          ),
        },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ kind: "ServiceAccount", name: args.accountName, namespace: args.namespace.plainName }],
      },
      { ...fixedName, dependsOn: [account] },
    );
    this.account = {
      namespace: args.namespace.plainName,
      name: args.accountName,
      ready: [binding],
    };
    this.registerOutputs({});
  }
}
