import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NetworkPlace } from "../../../components/contracts";
import { API_SERVICE_ADDRESS, HOST_SEEN_FROM_NODE } from "../../../sandbox/cluster/addresses";
import { withRealNodeSettings } from "../../../sandbox/engine/real-node-settings";
import { stackNetwork } from "../../../stacks/graph";
import { removeFolder } from "../../engine/cluster-support";
import { NetworkModel } from "../network-model";
import { type Findings, NetworkProbes, type Probe } from "../network-probes";
import type { RealPlatform } from "../real-platform";

const STACK = "dev";
const NAME_IN_CLUSTER = "kubernetes.default.svc.cluster.local.";
const API_SERVICE_PORT = 443;
/**
 * Of the pairs in different namespaces for which nothing is declared, one in so many is tried. All of them would need more
 * entries than a kernel's table of neighbours has by default, 1024 for all of a machine's networks together; when it is
 * full, nobody on the machine gets through. An odd number, see `isTried`.
 */
const ONE_IN = 15;
/** For the policies to take hold of all probes: seconds, on a machine with nothing else to do. */
const PATIENCE_MILLISECONDS = 60_000;

/** One connection that was tried. */
interface Attempt {
  readonly from: Probe;
  /** Undefined: the API server, through its Service. */
  readonly to: Probe | undefined;
  readonly port: number;
  /** Whether a component declares it, between these pods, on this port. */
  readonly isDeclared: boolean;
  /** Whether what is declared on both sides lets it through. */
  readonly isAllowed: boolean;
}

/** Who can talk to whom, found out by pods in the place of every pod of the platform, and by strangers beside them. */
export function networkTests(current: () => RealPlatform): void {
  let probes: NetworkProbes | undefined;
  let model: NetworkModel;
  let attempts: readonly Attempt[];
  let findings: ReadonlyMap<Probe, Findings>;

  beforeAll(async () => {
    const apiServerPort = Number(new URL(current().cluster.server).port);
    model = new NetworkModel(await networkOnRealNode(current().repository, apiServerPort));
    probes = new NetworkProbes(current());
    const started = await probes.start(model.places, model.ports);
    attempts = started.flatMap((from, row) => [
      ...started.flatMap((to, column) => (isTried(from, to, row, column) ? between(from, to) : [])),
      toApiServer(from, apiServerPort),
    ]);
    findings = await untilInForce(probes, started);
  });
  afterAll(() => probes?.remove());

  function isTried(from: Probe, to: Probe, row: number, column: number): boolean {
    // Evenly over sources and targets, and, with an odd number, over their distances in the list of places. A pair is tried
    // in both directions or in none: the second one needs no further neighbours.
    const isInSample = (row + column) % ONE_IN === 0;
    const isByAddress = model.portsOf(to).some((port) => model.allows(from, { place: to, address: to.address }, port));
    return from.namespace === to.namespace || model.declaredPorts(from, to).length > 0 || isByAddress || isInSample;
  }

  /** A pair, on the ports that are declared for it, and on one that is not. */
  function between(from: Probe, to: Probe): Attempt[] {
    const declared = model.declaredPorts(from, to);
    const open = model.portsOf(to);
    const other = [...open, ...model.ports].filter((port) => !declared.includes(port)).slice(0, 1);
    // Reaching itself shows that a probe listens on the port on which others are refused.
    const ports = from === to ? model.ports : [...declared, ...other];
    return ports.map((port) => ({
      from,
      to,
      port,
      isDeclared: from !== to && declared.includes(port),
      isAllowed: from === to || model.allows(from, { place: to, address: to.address }, port),
    }));
  }

  /** Network policies see what a Service stands for: the address and the port behind it. */
  function toApiServer(from: Probe, port: number): Attempt {
    return {
      from,
      to: undefined,
      port,
      isDeclared: false,
      isAllowed: model.allows(from, { address: HOST_SEEN_FROM_NODE }, port),
    };
  }

  async function untilInForce(started: NetworkProbes, all: readonly Probe[]): Promise<ReadonlyMap<Probe, Findings>> {
    const found = new Map<Probe, Findings>();
    let open = all;
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    while (open.length > 0 && (found.size === 0 || performance.now() < deadline)) {
      const tasks = open.map((probe) => ({
        probe,
        targets: attempts
          .filter(({ from }) => from === probe)
          .map(({ to, port }): [string, number] =>
            to === undefined ? [API_SERVICE_ADDRESS, API_SERVICE_PORT] : [to.address, port],
          ),
      }));
      for (const [probe, result] of await started.measure(tasks, NAME_IN_CLUSTER)) found.set(probe, result);
      open = all.filter((probe) => !isAsDeclared(probe, found.get(probe)));
    }
    return found;
  }

  function isAsDeclared(probe: Probe, found: Findings | undefined): boolean {
    const own = attempts.filter(({ from }) => from === probe);
    return (
      own.every(({ isAllowed }, index) => found?.reached.includes(index) === isAllowed) &&
      found?.resolves === mayAskDns(probe)
    );
  }

  const wasReached = (attempt: Attempt) => {
    const own = attempts.filter(({ from }) => from === attempt.from);
    return findings.get(attempt.from)?.reached.includes(own.indexOf(attempt)) ?? false;
  };
  const inWords = ({ from, to, port }: Attempt) => `${from.title} > ${to?.title ?? "API server"} : ${port}`;
  const isStranger = (probe: Probe | undefined) =>
    probe?.isIsolated === true && Object.keys(probe.podLabels).length === 0;
  const mayAskDns = (probe: Probe) => !isStranger(probe);
  const toOthers = () => attempts.filter(({ from, to }) => from !== to && to !== undefined);

  test("every probe listens on the ports that it is tried on", () => {
    const own = attempts.filter(({ from, to }) => from === to);
    expect(own.length).toBe(model.places.length * model.ports.length);
    expect(own.filter((each) => !wasReached(each)).map(inWords)).toEqual([]);
  });

  test("every declared connection between pods works", () => {
    const declared = attempts.filter(({ isDeclared }) => isDeclared);
    expect(declared.length).toBeGreaterThan(80);
    expect(declared.filter((each) => !wasReached(each)).map(inWords)).toEqual([]);
  });

  test("of all other pairs of pods none gets through, on none of the ports that were tried", () => {
    const refused = toOthers().filter(({ isAllowed }) => !isAllowed);
    expect(refused.length).toBeGreaterThan(400);
    expect(refused.filter(wasReached).map(inWords)).toEqual([]);
  });

  test("a declared connection does not open other ports of the same pods", () => {
    const besides = toOthers().filter(
      ({ from, to, isDeclared, isAllowed }) =>
        !isDeclared && !isAllowed && to !== undefined && model.declaredPorts(from, to).length > 0,
    );
    expect(besides.length).toBeGreaterThan(60);
    expect(besides.filter(wasReached).map(inWords)).toEqual([]);
  });

  test("a pod that no component declares reaches nothing and is reached by nobody, in each namespace", () => {
    const strange = toOthers().filter(({ from, to }) => isStranger(from) || isStranger(to));
    expect(new Set(strange.filter(({ from }) => isStranger(from)).map(({ from }) => from.namespace)).size).toBe(
      new Set(model.places.filter(({ isIsolated }) => isIsolated).map(({ namespace }) => namespace)).size,
    );
    expect(strange.filter(wasReached).map(inWords)).toEqual([]);
  });

  test("what is declared with addresses instead of pods opens just what lies in them", () => {
    const byAddress = toOthers().filter(({ isDeclared, isAllowed }) => isAllowed && !isDeclared);
    expect(byAddress.length).toBeGreaterThan(2);
    expect(byAddress.filter((each) => !wasReached(each)).map(inWords)).toEqual([]);
    // The rest of these lead to the Internet, or come from outside the cluster: nothing here could answer, or ask.
    const elsewhere = model.withAddresses.filter(({ to }) => "peer" in to && to.system !== "Kubernetes API");
    expect(elsewhere.length).toBeGreaterThan(3);
  });

  test("the API server is reached by those who declare it, and by no other pod of the platform", () => {
    const tried = attempts.filter(({ to }) => to === undefined);
    const declaring = model.withAddresses
      .filter(({ to }) => "peer" in to && to.system === "Kubernetes API")
      .map(({ from }) => ("podLabels" in from ? `${from.namespace}/${from.name}` : from.system));
    expect(declaring.length).toBeGreaterThan(5);
    const others = model.places.filter(({ isIsolated }) => !isIsolated).map(({ title }) => title);
    const reached = tried.filter(wasReached).map(({ from }) => from.title);
    expect(reached.sort()).toEqual([...declaring, ...others].sort());
  });

  test("the cluster's DNS answers every pod that is declared, and no other", () => {
    const asked = [...findings];
    expect(asked.length).toBe(model.places.length);
    expect(asked.filter(([probe, { resolves }]) => resolves !== mayAskDns(probe)).map(([{ title }]) => title)).toEqual(
      [],
    );
  });
}

/** What the components declare when they know where pods of the real node find the API server. */
async function networkOnRealNode(repository: string, apiServerPort: number): Promise<NetworkPlace> {
  const folder = mkdtempSync(join(tmpdir(), "platform-network-"));
  try {
    const file = `Pulumi.${STACK}.yaml`;
    const text = readFileSync(join(repository, file), "utf8");
    writeFileSync(join(folder, "Pulumi.yaml"), readFileSync(join(repository, "Pulumi.yaml")));
    writeFileSync(join(folder, file), withRealNodeSettings(file, text, { images: [], apiServerPort }).text);
    return await stackNetwork(STACK, folder);
  } finally {
    removeFolder(folder);
  }
}
