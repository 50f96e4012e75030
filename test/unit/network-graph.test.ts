import { resolve } from "node:path";
import type { Connection, Peer, Workload } from "../../components/contracts";
import { stackNetwork } from "../../stacks/graph";
import { type ConnectionGraph, mermaidGraph } from "../../stacks/graph/mermaid";
import { type Manifest, renderStack } from "../../stacks/render";
import { stackNames } from "../../stacks/render/stack-file";

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

/** Connections between pods of the platform as `from > to : port`. */
function declared(connections: readonly Connection[], workloads: readonly Workload[]): string[] {
  const podsOf = (side: Connection["from"] | Connection["to"]) =>
    "podLabels" in side ? [side] : behind(side.peer, workloads);
  const edges = connections.flatMap(({ from, to, ports }) =>
    podsOf(from).flatMap((source) =>
      podsOf(to).flatMap((target) => ports.map((port) => `${key(source)} > ${key(target)} : ${port}`)),
    ),
  );
  return [...new Set(edges)].sort();
}

/** The same, as one side of the policies allows it. */
function allowed(manifests: readonly Manifest[], workloads: readonly Workload[], side: "ingress" | "egress"): string[] {
  const edges = manifests
    .filter(({ kind }) => kind === "NetworkPolicy")
    .flatMap(({ metadata, ...fields }) => {
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
    const { workloads, connections } = await stackNetwork(stack);
    const manifests = await renderStack(stack);
    const expected = declared(connections, workloads);
    expect(expected.length).toBeGreaterThan(5);
    expect(allowed(manifests, workloads, "egress")).toEqual(expected);
    expect(allowed(manifests, workloads, "ingress")).toEqual(expected);
  });

  test("draws every workload", async () => {
    const network = await stackNetwork(stack);
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
