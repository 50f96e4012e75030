import type { types } from "@pulumi/kubernetes";
import type { Connection, Peer, Workload } from "../contracts";
import { contains } from "./address-range";
import { stableJson } from "./checksum";

type NetworkPolicySpec = types.input.networking.v1.NetworkPolicySpec;
type PolicyPeer = types.input.networking.v1.NetworkPolicyPeer;
type PolicyPort = types.input.networking.v1.NetworkPolicyPort;

/** Pods of the cluster's DNS; every workload may ask them. */
export interface DnsPeer {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** Nothing in, nothing out, for every pod of a namespace. What is allowed is added per workload. */
export const denyAll: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

/**
 * The one policy of a workload: exactly the declared connections that start or end at it, and DNS. The result depends
 * on what is declared only, not on the order of declaration.
 */
export function workloadPolicy(
  workload: Workload,
  connections: readonly Connection[],
  dns: DnsPeer,
): NetworkPolicySpec {
  const ingress = connections
    .filter((each) => sameWorkload(each.to, workload))
    .map((each) => ({ from: policyPeers(peerOf(each.from)), ports: tcp(each.ports) }));
  const egress = connections
    .filter((each) => sameWorkload(each.from, workload))
    .map((each) => ({ to: policyPeers(peerOf(each.to)), ports: tcp(each.ports) }));
  const askDns = {
    to: policyPeers(dns),
    ports: [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ],
  };
  return {
    podSelector: { matchLabels: { ...workload.podLabels } },
    policyTypes: ["Ingress", "Egress"],
    ingress: distinct(ingress),
    egress: [askDns, ...distinct(egress)],
  };
}

function isWorkload(side: Connection["from"] | Connection["to"]): side is Workload {
  return "podLabels" in side;
}

function peerOf(side: Connection["from"] | Connection["to"]): Peer {
  return isWorkload(side) ? side : side.peer;
}

/** Whether a side of a connection is these pods: the workload itself, or an endpoint with their labels in their namespace. */
function sameWorkload(side: Connection["from"] | Connection["to"], workload: Workload): boolean {
  const peer = peerOf(side);
  return (
    "namespace" in peer &&
    peer.namespace === workload.namespace &&
    stableJson(peer.podLabels) === stableJson(workload.podLabels)
  );
}

function policyPeers(peer: Peer): PolicyPeer[] {
  if ("namespace" in peer) {
    return [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } },
        podSelector: { matchLabels: { ...peer.podLabels } },
      },
    ];
  }
  // An `except` range must lie inside its own block, so with several blocks each takes only the ranges it holds.
  return peer.cidrs.map((cidr) => {
    const except = (peer.except ?? []).filter((range) => contains(cidr, range));
    return { ipBlock: { cidr, ...(except.length > 0 && { except }) } };
  });
}

function tcp(ports: readonly number[]): PolicyPort[] {
  return [...ports].sort((a, b) => a - b).map((port) => ({ protocol: "TCP", port }));
}

function distinct<Rule>(rules: readonly Rule[]): Rule[] {
  return [...new Map(rules.map((rule) => [stableJson(rule), rule])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, rule]) => rule);
}
