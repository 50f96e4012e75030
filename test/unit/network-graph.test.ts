import { resolve } from "node:path";
import type { Connection, Peer, Workload } from "../../components/contracts";
import { contains } from "../../components/kubernetes/address-range";
import { type ConnectionGraph, mermaidGraph } from "../../stacks/graph/mermaid";
import type { Manifest } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";
import { networkOfStack, renderedStack } from "../support/rendered-stacks";

/** The policies of each stack, read back from the rendered objects, against what its components declare. */

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}
interface Rule {
  readonly from?: readonly RulePeer[];
  readonly to?: readonly RulePeer[];
  readonly ports?: readonly { readonly port: number }[];
}
interface RulePeer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
interface Policy {
  readonly podSelector: Selector;
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

const selects = (namespace: string | undefined, labels: Selector["matchLabels"] = {}, workload: Workload) =>
  namespace === workload.namespace && Object.entries(labels).every(([key, value]) => workload.podLabels[key] === value);

const key = ({ namespace, name }: Workload) => `${namespace}/${name}`;

function behind(peer: Peer, workloads: readonly Workload[]): Workload[] {
  return "namespace" in peer ? workloads.filter((each) => selects(peer.namespace, peer.podLabels, each)) : [];
}

const peerOf = (side: Connection["from"] | Connection["to"]): Peer => ("podLabels" in side ? side : side.peer);

const isPolicy = ({ kind }: Manifest) => kind === "NetworkPolicy";

/** Connections between pods of the platform as `from > to : port`. */
function declared(connections: readonly Connection[], workloads: readonly Workload[]): string[] {
  const podsOf = (side: Connection["from"] | Connection["to"]) => behind(peerOf(side), workloads);
  const edges = connections.flatMap(({ from, to, ports }) =>
    podsOf(from).flatMap((source) =>
      podsOf(to).flatMap((target) => ports.map((port) => `${key(source)} > ${key(target)} : ${port}`)),
    ),
  );
  return [...new Set(edges)].sort();
}

/** Connections of pods of the platform with address ranges, as `in pod range without … : port` and `out …`. */
function declaredRanges(connections: readonly Connection[], workloads: readonly Workload[]): string[] {
  const ranges = ({ from, to, ports }: Connection, direction: "in" | "out") => {
    const [pods, peer] = direction === "in" ? [to, peerOf(from)] : [from, peerOf(to)];
    if ("namespace" in peer) return [];
    return behind(peerOf(pods), workloads).flatMap((workload) =>
      peer.cidrs.flatMap((cidr) => {
        const except = (peer.except ?? []).filter((range) => contains(cidr, range));
        return ports.map((port) => rangeInWords(direction, workload, { cidr, except }, port));
      }),
    );
  };
  return [...new Set(connections.flatMap((each) => [...ranges(each, "in"), ...ranges(each, "out")]))].sort();
}

/** The same, as the policies allow it. */
function allowedRanges(manifests: readonly Manifest[], workloads: readonly Workload[]): string[] {
  const edges = manifests.filter(isPolicy).flatMap(({ metadata, ...fields }) => {
    const policy = fields["spec"] as Policy;
    const own = workloads.filter((each) => selects(metadata.namespace, policy.podSelector.matchLabels, each));
    const ranges = (rules: readonly Rule[] | undefined, direction: "in" | "out") =>
      (rules ?? []).flatMap((rule) =>
        (rule.from ?? rule.to ?? [])
          .flatMap(({ ipBlock }) => ipBlock ?? [])
          .flatMap((block) =>
            own.flatMap((one) => (rule.ports ?? []).map(({ port }) => rangeInWords(direction, one, block, port))),
          ),
      );
    return [...ranges(policy.ingress, "in"), ...ranges(policy.egress, "out")];
  });
  return [...new Set(edges)].sort();
}

function rangeInWords(
  direction: "in" | "out",
  workload: Workload,
  { cidr, except = [] }: NonNullable<RulePeer["ipBlock"]>,
  port: number,
): string {
  return `${direction} ${key(workload)} ${cidr} without ${[...except].sort().join(",") || "nothing"} : ${port}`;
}

/** The same connections, as one side of the policies allows it. */
function allowed(manifests: readonly Manifest[], workloads: readonly Workload[], side: "ingress" | "egress"): string[] {
  const edges = manifests.filter(isPolicy).flatMap(({ metadata, ...fields }) => {
    const policy = fields["spec"] as Policy;
    const own = workloads.filter((each) => selects(metadata.namespace, policy.podSelector.matchLabels, each));
    return (policy[side] ?? []).flatMap((rule) =>
      (rule.from ?? rule.to ?? []).flatMap((peer) => {
        const namespace = peer.namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"];
        const others = workloads.filter((each) => selects(namespace, peer.podSelector?.matchLabels, each));
        return own.flatMap((one) =>
          others.flatMap((other) =>
            (rule.ports ?? []).map(({ port }) =>
              side === "ingress" ? `${key(other)} > ${key(one)} : ${port}` : `${key(one)} > ${key(other)} : ${port}`,
            ),
          ),
        );
      }),
    );
  });
  return [...new Set(edges)].sort();
}

describe.each(stackNames(resolve(__dirname, "../..")))("stack %s", (stack) => {
  test("allows exactly the declared connections between its pods, on both sides", async () => {
    const { workloads, connections } = await networkOfStack(stack);
    const manifests = await renderedStack(stack);
    const expected = declared(connections, workloads);
    expect(expected.length).toBeGreaterThan(5);
    expect(allowed(manifests, workloads, "egress")).toEqual(expected);
    expect(allowed(manifests, workloads, "ingress")).toEqual(expected);
  });

  test("allows exactly the declared address ranges, on the declared ports", async () => {
    const { workloads, connections } = await networkOfStack(stack);
    const expected = declaredRanges(connections, workloads);
    expect(expected.length).toBeGreaterThan(5);
    expect(allowedRanges(await renderedStack(stack), workloads)).toEqual(expected);
  });

  test("has no rule that is open to everybody, or on every port", async () => {
    const rules = (await renderedStack(stack)).filter(isPolicy).flatMap(({ metadata, ...fields }) => {
      const { ingress = [], egress = [] } = fields["spec"] as Policy;
      return [...ingress, ...egress].map((rule) => ({ policy: `${metadata.namespace}/${metadata.name}`, rule }));
    });
    expect(rules.length).toBeGreaterThan(20);
    const isOpen = ({ rule }: (typeof rules)[number]) =>
      [...(rule.from ?? []), ...(rule.to ?? [])].length === 0 || (rule.ports ?? []).length === 0;
    expect(rules.filter(isOpen).map(({ policy }) => policy)).toEqual([]);
  });

  test("draws every workload", async () => {
    const network = await networkOfStack(stack);
    const picture = mermaidGraph(network);
    for (const { name } of network.workloads) {
      expect(picture).toContain(`["${name}"]`);
    }
  });
});

describe("pictures of one stack", () => {
  const workload = (namespace: string, name: string): Workload => ({
    system: namespace,
    namespace,
    name,
    podLabels: { app: name },
  });
  const [api, database, scanner] = [workload("shop", "api"), workload("data", "database"), workload("shop", "scanner")];
  const network: ConnectionGraph = {
    workloads: [api, database, scanner],
    connections: [
      { from: api, to: database, ports: [5432] },
      { from: api, to: database, ports: [5433] },
      { from: scanner, to: api, ports: [80] },
      { from: database, to: { system: "Internet", peer: { cidrs: ["0.0.0.0/0"] }, ports: [443] }, ports: [443] },
    ],
  };

  test("the overview has one box per namespace, and no arrow within one", () => {
    expect(mermaidGraph(network, "namespaces")).toBe(`flowchart LR
  namespace_data["data"]
  namespace_shop["shop"]
  outside_Internet(["Internet"])
  namespace_data --> outside_Internet
  namespace_shop --> namespace_data
`);
  });

  test("that of a namespace has its pods with their ports, and boxes for what they are connected with", () => {
    expect(mermaidGraph(network, { namespace: "shop" })).toBe(`flowchart LR
  subgraph namespace_shop ["namespace shop"]
    workload_shop_api["api"]
    workload_shop_scanner["scanner"]
  end
  namespace_data["data"]
  workload_shop_api -->|"5432, 5433"| namespace_data
  workload_shop_scanner -->|"80"| workload_shop_api
`);
  });
});
