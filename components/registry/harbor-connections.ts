import type { Connection, Endpoint } from "../contracts";
import { privateRanges } from "../kubernetes/address-range";
import { type HarborPart, harborPorts, partWorkload } from "./harbor-parts";

export interface HarborNetworkFacts {
  readonly namespace: string;
  /** Parts that run here; a database or Redis of somebody else is none of them. */
  readonly parts: readonly HarborPart[];
  readonly database: Endpoint;
  readonly redis: Endpoint;
  /** Object store for the images. @default none */
  readonly objectStore?: Endpoint | undefined;
  /** The registry sends whoever reads a blob on to the object store, Harbor's other parts like everybody else. */
  readonly storeRedirects: boolean;
  /** Proxy for connections that leave the cluster. @default none */
  readonly proxy?: Endpoint | undefined;
  /** Whether the registry uses the proxy, too. */
  readonly registryUsesProxy: boolean;
  /** Identity provider that people log in at. @default none */
  readonly identityProvider?: Endpoint | undefined;
  /** The scanner downloads its databases from the Internet. */
  readonly trivyDownloads: boolean;
  /** Other registries, webhook receivers, mail servers … that core and the job service may call. */
  readonly outside: readonly Endpoint[];
}

/** Everything that the parts of Harbor say to each other and to the outside; who comes in from there is the front's. */
export function harborConnections(facts: HarborNetworkFacts): Connection[] {
  const runs = (part: HarborPart) => facts.parts.includes(part);
  const pods = (part: HarborPart) => partWorkload(part, facts.namespace);
  const between = (from: HarborPart, to: HarborPart, ports: readonly number[]): Connection[] =>
    runs(from) && runs(to) ? [{ from: pods(from), to: pods(to), ports }] : [];
  const reach = (from: HarborPart, to: Endpoint | undefined): Connection[] =>
    runs(from) && to !== undefined ? [{ from: pods(from), to, ports: to.ports }] : [];
  const { http, registry } = harborPorts;
  const callers = ["core", "jobservice"] as const;
  // Core looks into each manifest that is pushed, the job service replicates, the scanner unpacks layers.
  const blobReaders = [...callers, "trivy"] as const;
  return [
    ...between("nginx", "core", [http]),
    ...between("nginx", "portal", [http]),
    // Core asks all the others for their health; so it talks to the portal, too.
    ...between("core", "portal", [http]),
    ...between("core", "jobservice", [http]),
    ...between("core", "trivy", [http]),
    ...between("jobservice", "core", [http]),
    ...between("trivy", "core", [http]),
    ...between("exporter", "core", [http]),
    ...callers.flatMap((each) => between(each, "registry", [registry, http])),
    // The job service itself scans by asking the scanner.
    ...between("jobservice", "trivy", [http]),
    ...(["core", "jobservice", "exporter"] as const).flatMap((each) => reach(each, facts.database)),
    ...(["core", "jobservice", "registry", "trivy", "exporter"] as const).flatMap((each) => reach(each, facts.redis)),
    ...reach("registry", facts.objectStore),
    ...(facts.storeRedirects ? blobReaders.flatMap((each) => reach(each, facts.objectStore)) : []),
    ...callers.flatMap((each) => facts.outside.flatMap((endpoint) => reach(each, endpoint))),
    ...reach("core", facts.identityProvider),
    ...([...callers, "trivy", ...(facts.registryUsesProxy ? (["registry"] as const) : [])] as const).flatMap((each) =>
      reach(each, facts.proxy),
    ),
    ...(facts.trivyDownloads ? reach("trivy", internet) : []),
  ];
}

/** The Internet by HTTPS, without private networks. */
const internet: Endpoint = {
  system: "Internet",
  ports: [443],
  peer: { cidrs: ["0.0.0.0/0"], except: privateRanges },
};

/** The parts that serve metrics. */
export const measuredParts = ["core", "exporter", "jobservice", "registry"] as const satisfies readonly HarborPart[];
