import type { Connection, Workload } from "../../components/contracts";

/** What the picture shows: the pods of the platform and every declared way through the network. */
export interface ConnectionGraph {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
}

/**
 * The connections of a stack as a Mermaid flowchart: one box per workload, grouped by namespace, rounded boxes for what
 * is outside the platform, one arrow per pair with the ports on it. Independent of the order of declaration.
 */
export function mermaidGraph({ workloads, connections }: ConnectionGraph): string {
  const names = new Map(workloads.map((each) => [nodeOf(each), each.name]));
  const arrows = new Map<string, Set<number>>();
  const outside = new Map<string, string>();
  for (const { from, to, ports } of connections) {
    const ends = [from, to].map((side) => {
      const workload = "podLabels" in side ? side : workloads.find((each) => isBehind(each, side.peer));
      if (workload !== undefined) {
        return nodeOf(workload);
      }
      const id = identifier("outside", side.system);
      outside.set(id, side.system);
      return id;
    });
    const arrow = ends.join(" ");
    arrows.set(arrow, new Set([...(arrows.get(arrow) ?? []), ...ports]));
  }
  const namespaces = [...new Set(workloads.map((each) => each.namespace))].sort();
  return [
    "flowchart LR",
    ...namespaces.flatMap((namespace) => [
      `  subgraph ${identifier("namespace", namespace)} ["namespace ${namespace}"]`,
      ...[...names]
        .filter(([id]) => workloads.some((each) => nodeOf(each) === id && each.namespace === namespace))
        .sort(byKey)
        .map(([id, name]) => `    ${id}["${name}"]`),
      "  end",
    ]),
    ...[...outside].sort(byKey).map(([id, system]) => `  ${id}(["${system}"])`),
    ...[...arrows].sort(byKey).map(([arrow, ports]) => {
      const [from, to] = arrow.split(" ");
      return `  ${from} -->|"${[...ports].sort((a, b) => a - b).join(", ")}"| ${to}`;
    }),
    "",
  ].join("\n");
}

function isBehind(workload: Workload, peer: Exclude<Connection["from"], Workload>["peer"]): boolean {
  return (
    "namespace" in peer &&
    peer.namespace === workload.namespace &&
    Object.entries(peer.podLabels).every(([key, value]) => workload.podLabels[key] === value)
  );
}

function nodeOf({ namespace, name }: Workload): string {
  return identifier("workload", `${namespace}-${name}`);
}

/** Mermaid's own words (`end`, …) and signs must not be names, hence the prefix. */
function identifier(prefix: string, text: string): string {
  return `${prefix}_${text.replaceAll(/[^A-Za-z0-9]+/g, "_")}`;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
