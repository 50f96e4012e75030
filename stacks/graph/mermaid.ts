import type { Connection, Peer, Workload } from "../../components/contracts";

/** What the picture shows: the pods of the platform and every declared way through the network. */
export interface ConnectionGraph {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
}

/**
 * How much of it: every workload; one box per namespace, without ports; or the workloads of one namespace and the ways
 * from and to them, all else as boxes.
 */
export type GraphView = "workloads" | "namespaces" | { readonly namespace: string };

/** A box of the picture. */
interface Box {
  readonly id: string;
  readonly label: string;
  /** Rounded when it is not a part of the platform. */
  readonly shape: "workload" | "namespace" | "outside";
  /** Drawn within this namespace; undefined: on its own. */
  readonly within?: string;
}

interface Arrow {
  readonly from: Box;
  readonly to: Box;
  readonly ports: Set<number>;
}

/**
 * The connections of a stack as a Mermaid flowchart: boxes for workloads, grouped by namespace, rounded boxes for what is
 * outside the platform, one arrow per pair with the ports on it. Independent of the order of declaration.
 */
export function mermaidGraph(graph: ConnectionGraph, view: GraphView = "workloads"): string {
  const arrows = [...arrowsOf(graph, view).entries()].sort(byKey).map(([, arrow]) => arrow);
  const boxes = boxesOf(graph, view, arrows);
  const groups = [...new Set(boxes.flatMap(({ within }) => within ?? []))].sort();
  return [
    "flowchart LR",
    ...groups.flatMap((namespace) => [
      `  subgraph ${identifier("namespace", namespace)} ["namespace ${namespace}"]`,
      ...boxes.filter(({ within }) => within === namespace).map((box) => `    ${drawn(box)}`),
      "  end",
    ]),
    ...boxes.filter(({ within }) => within === undefined).map((box) => `  ${drawn(box)}`),
    ...arrows.map(({ from, to, ports }) => {
      const label = view === "namespaces" ? "" : `|"${[...ports].sort((a, b) => a - b).join(", ")}"|`;
      return `  ${from.id} -->${label} ${to.id}`;
    }),
    "",
  ].join("\n");
}

/** The namespaces that have workloads, in alphabetical order. */
export function namespacesOf({ workloads }: ConnectionGraph): string[] {
  return [...new Set(workloads.map(({ namespace }) => namespace))].sort();
}

function arrowsOf(graph: ConnectionGraph, view: GraphView): ReadonlyMap<string, Arrow> {
  const arrows = new Map<string, Arrow>();
  for (const { from, to, ports } of graph.connections) {
    const [source, target] = [boxOf(from, graph, view), boxOf(to, graph, view)];
    if (!isShown(source, target, view)) continue;
    const key = `${source.id} ${target.id}`;
    const arrow = arrows.get(key) ?? { from: source, to: target, ports: new Set() };
    for (const port of ports) arrow.ports.add(port);
    arrows.set(key, arrow);
  }
  return arrows;
}

function isShown(source: Box, target: Box, view: GraphView): boolean {
  if (view === "workloads") return true;
  if (view === "namespaces") return source.id !== target.id;
  return source.within === view.namespace || target.within === view.namespace;
}

/** Workloads that nobody talks to are shown too, what has no arrow in this view is not. */
function boxesOf(graph: ConnectionGraph, view: GraphView, arrows: readonly Arrow[]): readonly Box[] {
  const own = graph.workloads.map((each) => boxOf(each, graph, view));
  const shown = typeof view === "string" ? own : own.filter(({ within }) => within === view.namespace);
  const boxes = new Map([...shown, ...arrows.flatMap(({ from, to }) => [from, to])].map((box) => [box.id, box]));
  return [...boxes].sort(byKey).map(([, box]) => box);
}

function boxOf(side: Connection["from"], graph: ConnectionGraph, view: GraphView): Box {
  const workload = "podLabels" in side ? side : graph.workloads.find((each) => isBehind(each, side.peer));
  if (workload === undefined) {
    const { system } = side as Exclude<typeof side, Workload>;
    return { id: identifier("outside", system), label: system, shape: "outside" };
  }
  const { namespace, name } = workload;
  if (view === "workloads" || (view !== "namespaces" && view.namespace === namespace)) {
    return { id: identifier("workload", `${namespace}-${name}`), label: name, shape: "workload", within: namespace };
  }
  return { id: identifier("namespace", namespace), label: namespace, shape: "namespace" };
}

function isBehind(workload: Workload, peer: Peer): boolean {
  return (
    "namespace" in peer &&
    peer.namespace === workload.namespace &&
    Object.entries(peer.podLabels).every(([key, value]) => workload.podLabels[key] === value)
  );
}

function drawn({ id, label, shape }: Box): string {
  return shape === "outside" ? `${id}(["${label}"])` : `${id}["${label}"]`;
}

/** Mermaid's own words (`end`, …) and signs must not be names, hence the prefix. */
function identifier(prefix: string, text: string): string {
  return `${prefix}_${text.replaceAll(/[^A-Za-z0-9]+/g, "_")}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
