import fc from "fast-check";
import type { Connection, Endpoint, Workload } from "../../components/contracts";
import { contains, outermostRanges, privateRanges } from "../../components/kubernetes/address-range";
import { workloadPolicy } from "../../components/kubernetes/network-policy";

const dns = { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } };
const workload = (name: string): Workload => ({ system: "s", name, namespace: `ns-${name}`, podLabels: { app: name } });
const names = ["a", "b", "c", "d"] as const;

const connection = fc
  .record({ from: fc.constantFrom(...names), to: fc.constantFrom(...names), port: fc.integer({ min: 1, max: 9 }) })
  .map(({ from, to, port }): Connection => {
    const endpoint: Endpoint = { system: "s", ports: [port], peer: workload(to) };
    return { from: workload(from), to: endpoint, ports: [port] };
  });

/** What a policy set allows between the four workloads, read back from the policies: `from>to:port`. */
function edges(connections: readonly Connection[], side: "ingress" | "egress"): string[] {
  return names
    .flatMap((name) => {
      const policy = workloadPolicy(workload(name), connections, dns);
      return ((policy[side] ?? []) as Rule[]).flatMap((rule) =>
        (rule.ports ?? []).flatMap(({ port }) =>
          (rule.from ?? rule.to ?? []).flatMap((peer) => {
            const other = peer.podSelector?.matchLabels?.["app"];
            return other === undefined
              ? []
              : [side === "ingress" ? `${other}>${name}:${port}` : `${name}>${other}:${port}`];
          }),
        ),
      );
    })
    .sort();
}

interface Rule {
  readonly from?: { podSelector?: { matchLabels?: Record<string, string> } }[];
  readonly to?: { podSelector?: { matchLabels?: Record<string, string> } }[];
  readonly ports?: { port: number }[];
}

test("both sides of every declared connection are open, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(connection), (connections) => {
      const declared = connections.map(
        ({ from, to, ports }) => `${(from as Workload).podLabels["app"]}>${app(to as Endpoint)}:${ports[0]}`,
      );
      const expected = [...new Set(declared)].sort();
      expect(edges(connections, "egress")).toEqual(expected);
      expect(edges(connections, "ingress")).toEqual(expected);
    }),
  );
});

function app({ peer }: Endpoint): string | undefined {
  return "podLabels" in peer ? peer.podLabels["app"] : undefined;
}

test("the order of declaration does not matter", () => {
  fc.assert(
    fc.property(fc.array(connection), (connections) => {
      const backwards = [...connections].reverse();
      expect(workloadPolicy(workload("a"), backwards, dns)).toEqual(workloadPolicy(workload("a"), connections, dns));
    }),
  );
});

test("a workload without connections may ask DNS and do nothing else", () => {
  expect(workloadPolicy(workload("a"), [], dns)).toMatchObject({
    ingress: [],
    egress: [{ ports: [{ port: 53 }, { port: 53 }] }],
  });
});

test("closed ranges are only named inside the block that holds them", () => {
  const outside: Endpoint = {
    system: "Internet",
    ports: [443],
    peer: { cidrs: ["0.0.0.0/0", "2000::/3"], except: ["10.0.0.0/8"] },
  };
  const { egress } = workloadPolicy(workload("a"), [{ from: workload("a"), to: outside, ports: [443] }], dns);
  expect(egress).toContainEqual({
    to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }, { ipBlock: { cidr: "2000::/3" } }],
    ports: [{ protocol: "TCP", port: 443 }],
  });
});

test.each([
  ["0.0.0.0/0", "10.0.0.0/8", true],
  ["10.0.0.0/8", "10.244.0.0/16", true],
  ["10.244.0.0/16", "10.0.0.0/8", false],
  ["10.0.0.0/8", "192.168.0.0/16", false],
  ["0.0.0.0/0", "fd00::/8", false],
  ["fd00::/8", "fd00:1::/32", true],
])("%s contains %s: %s", (outer, inner, expected) => {
  expect(contains(outer, inner)).toBe(expected);
});

test("ranges inside another range are not repeated", () => {
  expect(outermostRanges([...privateRanges, "10.244.0.0/16", "10.96.0.0/12"])).toEqual([...privateRanges]);
});
