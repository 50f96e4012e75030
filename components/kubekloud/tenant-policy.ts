import { contains, outermostRanges, privateRanges } from "../kubernetes/address-range";
import { stableJson } from "../kubernetes/checksum";
import type { DnsPeer } from "../kubernetes/network-policy";
import { tenantNamespaces } from "./objects";

/** Pod Security level of tenant namespaces: virtual machines run in pods that nothing stricter lets in. */
export type TenantPodSecurity = "baseline" | "privileged";

export interface TenantPolicyFacts {
  readonly podSecurity: TenantPodSecurity;
  /**
   * Virtual machines run in the namespaces: only requests are counted, and nobody gets a limit that he did not ask for.
   * KubeVirt would take it over for the machine, which then has less memory than it asks for and does not start.
   */
  readonly virtualMachines: boolean;
  /** What all pods of one tenant namespace may use together, Kubernetes quantities. */
  readonly quota: {
    readonly cpu: string;
    readonly memory: string;
    readonly storage: string;
    readonly pods: number;
  };
  /** What a container gets that does not say what it needs, Kubernetes quantities. */
  readonly containerDefaults: { readonly cpu: string; readonly memory: string };
  /** Let tenants open connections to the Internet. */
  readonly internet: boolean;
  /** Ranges of pods and Services, which stay closed even then. */
  readonly clusterCidrs: readonly string[];
  readonly dns: DnsPeer;
}

/** Label of everything that the guard makes, and the name under which it applies it. */
export const GUARD_NAME = "kubekloud-tenant-guard";

/**
 * The file that the guard reads: which namespaces are tenants', the labels that they get, and the objects that each of
 * them gets. `{namespace}` in a path stands for the namespace.
 */
export function tenantPolicy(facts: TenantPolicyFacts): string {
  const { suffix, label, labelValue } = tenantNamespaces;
  const object = (
    path: string,
    apiVersion: string,
    kind: string,
    name: string,
    spec: Readonly<Record<string, unknown>>,
  ) => ({
    path: `${path}/${name}`,
    object: { apiVersion, kind, metadata: { name, labels: { "app.kubernetes.io/managed-by": GUARD_NAME } }, spec },
  });
  const core = "/api/v1/namespaces/{namespace}";
  return stableJson(
    {
      fieldManager: GUARD_NAME,
      suffix,
      labelSelector: `${label}=${labelValue}`,
      namespaceLabels: {
        "pod-security.kubernetes.io/enforce": facts.podSecurity,
        "pod-security.kubernetes.io/warn": "restricted",
      },
      objects: [
        object(
          "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies",
          "networking.k8s.io/v1",
          "NetworkPolicy",
          "tenant-isolation",
          isolation(facts),
        ),
        object(`${core}/limitranges`, "v1", "LimitRange", "tenant-limits", {
          limits: [
            {
              type: "Container",
              ...(!facts.virtualMachines && { default: facts.containerDefaults }),
              defaultRequest: facts.containerDefaults,
            },
          ],
        }),
        object(`${core}/resourcequotas`, "v1", "ResourceQuota", "tenant-quota", { hard: quota(facts) }),
      ],
    },
    2,
  );
}

function quota({ quota, virtualMachines }: TenantPolicyFacts): Record<string, string> {
  const { cpu, memory, storage, pods } = quota;
  return {
    "requests.cpu": cpu,
    "requests.memory": memory,
    // A quota for limits refuses every pod without one, and those of virtual machines have none.
    ...(!virtualMachines && { "limits.cpu": cpu, "limits.memory": memory }),
    "requests.storage": storage,
    pods: String(pods),
    // Nothing of a tenant is reached from outside past the platform.
    "services.nodeports": "0",
    "services.loadbalancers": "0",
  };
}

/** Pods of one tenant namespace talk to each other and to DNS. */
function isolation({ internet, clusterCidrs, dns }: TenantPolicyFacts) {
  const neighbours = { podSelector: {} };
  const closed = outermostRanges([...privateRanges, ...clusterCidrs]).filter((range) => contains("0.0.0.0/0", range));
  return {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [neighbours] }],
    egress: [
      { to: [neighbours] },
      {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": dns.namespace } },
            podSelector: { matchLabels: { ...dns.podLabels } },
          },
        ],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
      ...(internet ? [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: closed } }] }] : []),
    ],
  };
}
