import type { Endpoint } from "../../components/contracts";
import { type HarborNetworkFacts, harborConnections } from "../../components/registry/harbor-connections";
import { partSelector } from "../../components/registry/harbor-parts";

const outside = (system: string, port: number): Endpoint => ({
  system,
  ports: [port],
  peer: { cidrs: ["10.0.0.0/24"] },
});
const inside = (part: "database" | "redis", port: number): Endpoint => ({
  system: part,
  ports: [port],
  peer: { namespace: "harbor-system", podLabels: partSelector(part) },
});

const own: HarborNetworkFacts = {
  namespace: "harbor-system",
  parts: ["nginx", "core", "portal", "jobservice", "registry", "database", "redis", "trivy", "exporter"],
  database: inside("database", 5432),
  redis: inside("redis", 6379),
  storeRedirects: false,
  registryUsesProxy: false,
  trivyDownloads: true,
  outside: [],
};

/** `from → to: ports`, names without `harbor-`. */
function edges(facts: HarborNetworkFacts): string[] {
  const name = (side: { system: string; name?: string }) => (side.name ?? side.system).replace("harbor-", "");
  return harborConnections(facts)
    .map(({ from, to, ports }) => `${name(from)} → ${name(to)}: ${ports.join(",")}`)
    .sort();
}

test("the parts say to each other what Harbor's call graph says, and nothing else", () => {
  expect(edges(own)).toEqual([
    "core → database: 5432",
    "core → jobservice: 8080",
    "core → portal: 8080",
    "core → redis: 6379",
    "core → registry: 5000,8080",
    "core → trivy: 8080",
    "exporter → core: 8080",
    "exporter → database: 5432",
    "exporter → redis: 6379",
    "jobservice → core: 8080",
    "jobservice → database: 5432",
    "jobservice → redis: 6379",
    "jobservice → registry: 5000,8080",
    "jobservice → trivy: 8080",
    "nginx → core: 8080",
    "nginx → portal: 8080",
    "registry → redis: 6379",
    "trivy → Internet: 443",
    "trivy → core: 8080",
    "trivy → redis: 6379",
  ]);
});

test("what runs elsewhere is reached there, and only by those that need it", () => {
  const found = edges({
    ...own,
    parts: ["core", "portal", "jobservice", "registry"],
    database: outside("PostgreSQL", 5433),
    redis: outside("Redis", 6380),
    objectStore: outside("Object store", 9000),
    proxy: outside("Proxy", 3128),
    identityProvider: outside("Keycloak", 443),
    outside: [outside("Docker Hub", 443)],
  });
  expect(found.filter((each) => !/→ (core|portal|jobservice|registry):/.test(each))).toEqual([
    "core → Docker Hub: 443",
    "core → Keycloak: 443",
    "core → PostgreSQL: 5433",
    "core → Proxy: 3128",
    "core → Redis: 6380",
    "jobservice → Docker Hub: 443",
    "jobservice → PostgreSQL: 5433",
    "jobservice → Proxy: 3128",
    "jobservice → Redis: 6380",
    "registry → Object store: 9000",
    "registry → Redis: 6380",
  ]);
});

test("who is sent on to the object store by the registry gets there", () => {
  const toStore = (facts: Partial<HarborNetworkFacts>) =>
    edges({ ...own, objectStore: outside("Object store", 9000), ...facts }).filter((each) =>
      each.includes("Object store"),
    );
  expect(toStore({})).toEqual(["registry → Object store: 9000"]);
  expect(toStore({ storeRedirects: true })).toEqual([
    "core → Object store: 9000",
    "jobservice → Object store: 9000",
    "registry → Object store: 9000",
    "trivy → Object store: 9000",
  ]);
});

test("the registry goes through the proxy when it is told to", () => {
  expect(edges({ ...own, proxy: outside("Proxy", 3128), registryUsesProxy: true })).toContain("registry → Proxy: 3128");
});
