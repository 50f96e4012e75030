import type { Connection, NetworkPlace, Peer, PodLabels } from "../../components/contracts";
import { contains } from "../../components/kubernetes/address-range";

/** Pods that the network of a stack knows, or that it must keep out: one probe is started for each. */
export interface Place {
  /** For people, unique. */
  readonly title: string;
  readonly namespace: string;
  /** None: a pod that no component declares. */
  readonly podLabels: PodLabels;
  /** Whether network policies say what it may do: not in namespaces that are not the platform's. */
  readonly isIsolated: boolean;
}

/** Where a connection goes: the pods of a place, or something outside the cluster. */
export type Target = { readonly place: Place; readonly address: string } | { readonly address: string };

/** A namespace without any network policy. */
export const OPEN_NAMESPACE = "default";

/**
 * What the components declared, read as a user of the platform would: who may talk to whom. Knows nothing of
 * NetworkPolicy objects, so that the cluster's behaviour is compared with the intention, and not with its own rules.
 */
export class NetworkModel {
  /** Every set of pods that is declared, twice when its pods talk to each other; one stranger per namespace. */
  readonly places: readonly Place[];
  /** Ports of pods, of all declared connections. */
  readonly ports: readonly number[];

  constructor(private readonly network: NetworkPlace) {
    const peers = network.connections.flatMap(({ from, to }) => [peerOf(from), peerOf(to)]);
    const own = new Set(network.workloads.map(({ namespace }) => namespace));
    // Pods of others that connections name: of the ingress controller, which has its own namespace, and those that a
    // system makes while it runs.
    const others = distinct(
      peers.filter(isPods).filter((peer) => !network.workloads.some((each) => samePods(each, peer))),
    );
    const declared: Place[] = [...network.workloads, ...others].map((each) => ({
      title: `${each.namespace}/${"name" in each ? each.name : Object.values(each.podLabels).join(",")}`,
      namespace: each.namespace,
      podLabels: each.podLabels,
      isIsolated: own.has(each.namespace) || isSource(network.connections, each),
    }));
    const seconds = declared
      .filter((place) =>
        network.connections.some(({ from, to }) => isPlace(peerOf(from), place) && isPlace(peerOf(to), place)),
      )
      .map((place) => ({ ...place, title: `${place.title} (another pod)` }));
    const isolated = [...new Set(declared.filter((place) => place.isIsolated).map(({ namespace }) => namespace))];
    const strangers = [...isolated, OPEN_NAMESPACE].map((namespace) => ({
      title: `${namespace}/stranger`,
      namespace,
      podLabels: {},
      isIsolated: namespace !== OPEN_NAMESPACE,
    }));
    this.places = [...declared, ...seconds, ...strangers];
    this.ports = [
      ...new Set(network.connections.filter(({ to }) => isPods(peerOf(to))).flatMap(({ ports }) => ports)),
    ].sort((one, other) => one - other);
  }

  /** Ports on which a component declares this very connection between pods. */
  declaredPorts(from: Place, to: Place): readonly number[] {
    const between = this.network.connections.filter(
      (each) => isPlace(peerOf(each.from), from) && isPlace(peerOf(each.to), to),
    );
    return [...new Set(between.flatMap(({ ports }) => ports))];
  }

  /** Ports on which anybody is declared to reach these pods. */
  portsOf(to: Place): readonly number[] {
    return [
      ...new Set(this.network.connections.filter((each) => isPlace(peerOf(each.to), to)).flatMap(({ ports }) => ports)),
    ];
  }

  /** Declared connections of which one end is not pods but addresses. */
  get withAddresses(): readonly Connection[] {
    return this.network.connections.filter(({ from, to }) => !isPods(peerOf(from)) || !isPods(peerOf(to)));
  }

  /** Whether both sides let it through; a side without policies lets everything through. */
  allows(from: Place & { readonly address: string }, to: Target, port: number): boolean {
    const matching = this.network.connections.filter(({ ports }) => ports.includes(port));
    const leaves = matching.some((each) => isPlace(peerOf(each.from), from) && covers(peerOf(each.to), to));
    const enters =
      "place" in to &&
      matching.some(
        (each) =>
          isPlace(peerOf(each.to), to.place) && covers(peerOf(each.from), { place: from, address: from.address }),
      );
    const isOpen = !("place" in to) || !to.place.isIsolated;
    return (leaves || !from.isIsolated) && (enters || isOpen);
  }
}

type Pods = Extract<Peer, { readonly namespace: string }>;

const isPods = (peer: Peer): peer is Pods => "namespace" in peer;

function peerOf(side: Connection["from"] | Connection["to"]): Peer {
  return "podLabels" in side ? side : side.peer;
}

function samePods(one: Pods, other: Pods): boolean {
  const key = ({ namespace, podLabels }: Pods) => JSON.stringify([namespace, Object.entries(podLabels).sort()]);
  return key(one) === key(other);
}

function distinct(peers: readonly Pods[]): Pods[] {
  return peers.filter((peer, index) => peers.findIndex((each) => samePods(each, peer)) === index);
}

/** Pods that declare what they open themselves, so that something must keep them from opening more. */
function isSource(connections: readonly Connection[], pods: Pods): boolean {
  return connections.some(
    ({ from, to }) => isPods(peerOf(from)) && !isPods(peerOf(to)) && samePods(peerOf(from) as Pods, pods),
  );
}

function isPlace(peer: Peer, { namespace, podLabels }: Place): boolean {
  return (
    isPods(peer) &&
    peer.namespace === namespace &&
    Object.entries(peer.podLabels).every(([key, value]) => podLabels[key] === value)
  );
}

function covers(peer: Peer, target: Target): boolean {
  if (isPods(peer)) return "place" in target && isPlace(peer, target.place);
  const holds = (range: string) => contains(range, `${target.address}/32`);
  return peer.cidrs.some(holds) && !(peer.except ?? []).some(holds);
}
