import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Connection, NamespaceBinding, Workload } from "../contracts";
import { standardLabels } from "../kubernetes/labels";
import { type DnsPeer, workloadPolicy } from "../kubernetes/network-policy";

export interface NetworkIsolationArgs {
  /** All pods of the platform. One without connections gets a policy too: it may ask DNS and nothing else. */
  readonly workloads: readonly Workload[];
  /** Everything that the components declared. */
  readonly connections: readonly Connection[];
  /** Pods of the cluster's DNS. */
  readonly dns: DnsPeer;
  /** The namespaces that the workloads live in. */
  readonly namespaces: readonly NamespaceBinding[];
}

/** One network policy per workload, made from the declared connections and nothing else. */
export class NetworkIsolation extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkIsolationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:isolation:NetworkIsolation", name, {}, opts);
    for (const workload of args.workloads) {
      new NetworkPolicy(
        `${name}-${workload.namespace}-${workload.name}`,
        {
          metadata: { namespace: this.namespaceOf(workload, args), labels: policyLabels(workload) },
          spec: workloadPolicy(workload, args.connections, args.dns),
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }

  private namespaceOf(workload: Workload, args: NetworkIsolationArgs): pulumi.Output<string> {
    const namespace = args.namespaces.find((each) => each.plainName === workload.namespace);
    if (namespace === undefined) {
      throw new pulumi.ResourceError(
        `${workload.name} declares connections in the namespace ${workload.namespace}, which is not one of the platform's.`,
        this,
      );
    }
    return namespace.name;
  }
}

function policyLabels(workload: Workload): Record<string, string> {
  return standardLabels({ system: workload.system, instance: workload.name, component: "network-policy" });
}
