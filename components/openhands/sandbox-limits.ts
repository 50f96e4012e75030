import type { types } from "@pulumi/kubernetes";
import type { Resources } from "../kubernetes/pod";

/** What all sandboxes may use together, Kubernetes quantities. */
export interface SandboxQuota {
  readonly cpu: string;
  readonly memory: string;
  /** Workspaces, those of closed conversations included. */
  readonly storage: string;
  readonly pods: number;
  /** Workspaces, those of closed conversations included. */
  readonly workspaces: number;
}

/** Hard limits of the namespace of the sandboxes. */
export function quotaSpec(quota: SandboxQuota): types.input.core.v1.ResourceQuotaSpec {
  return {
    hard: {
      "requests.cpu": quota.cpu,
      "limits.cpu": quota.cpu,
      "requests.memory": quota.memory,
      "limits.memory": quota.memory,
      "requests.storage": quota.storage,
      pods: String(quota.pods),
      persistentvolumeclaims: String(quota.workspaces),
      // Nothing of a sandbox is reached from outside past the ingress controller.
      "services.nodeports": "0",
      "services.loadbalancers": "0",
    },
  };
}

/** What a container gets that does not say it itself. The application asks for no CPU limit, which the quota counts. */
export function limitSpec({ requests, limits }: Resources): types.input.core.v1.LimitRangeSpec {
  return { limits: [{ type: "Container", default: { ...limits }, defaultRequest: { ...requests } }] };
}
