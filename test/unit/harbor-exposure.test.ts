import { checkManifests } from "../../policy/check";
import { formatFinding } from "../../policy/rule";
import type { Manifest } from "../../stacks/render";
import { find, renderSettings } from "../support/render-settings";

const render = (harbor: object) => renderSettings({ openchecker: { enabled: false }, harbor });
const harborObjects = (manifests: readonly Manifest[], kind: string) =>
  manifests.filter((each) => each.kind === kind && each.metadata.namespace === "harbor-system");

function coreUrl(manifests: readonly Manifest[]): string | undefined {
  const { spec } = find(manifests, "Deployment", "harbor-core") as unknown as {
    spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
  };
  return spec.template.spec.containers[0]?.env.find(({ name }) => name === "EXT_ENDPOINT")?.value;
}

const nodePort = { type: "nodePort" };
const selfMade = { from: "selfMade" };
const ingress = { type: "ingress", tls: selfMade };

test("the seed's node port goes to nginx", async () => {
  const manifests = await render({});
  expect(find(manifests, "Service", "harbor").spec).toEqual({
    type: "NodePort",
    selector: { release: "harbor", app: "harbor", component: "nginx" },
    ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP", nodePort: 30002 }],
  });
  expect(coreUrl(manifests)).toBe("http://harbor.local:30002");
});

test("with TLS there is a second node port, and the certificate is for the host", async () => {
  const manifests = await render({ exposure: { ...nodePort, tls: selfMade } });
  expect(find(manifests, "Service", "harbor").spec).toMatchObject({
    ports: [{ nodePort: 30002 }, { name: "https", port: 443, targetPort: 8443, nodePort: 30003 }],
  });
  expect(coreUrl(manifests)).toBe("https://harbor.local:30003");
  expect(find(manifests, "Secret", "harbor-nginx")).toMatchObject({
    type: "kubernetes.io/tls",
    stringData: { "tls.key": "[secret]" },
  });
  // People download the authority from the portal, which core serves.
  expect(JSON.stringify(find(manifests, "Deployment", "harbor-core").spec)).toContain("/etc/core/ca");
});

test("a certificate of somebody else is only mounted", async () => {
  const manifests = await render({ exposure: { ...nodePort, tls: { from: "secret", secretName: "our-tls" } } });
  expect(JSON.stringify(find(manifests, "Deployment", "harbor-nginx").spec)).toContain('"secretName":"our-tls"');
  expect(harborObjects(manifests, "Secret").map(({ metadata }) => metadata.name)).not.toContain("harbor-nginx");
});

test("a load balancer lets in whom the settings say", async () => {
  const manifests = await render({
    exposure: { type: "loadBalancer", address: "203.0.113.7", allowedSources: ["198.51.100.0/24"] },
  });
  expect(find(manifests, "Service", "harbor").spec).toMatchObject({
    type: "LoadBalancer",
    loadBalancerIP: "203.0.113.7",
    loadBalancerSourceRanges: ["198.51.100.0/24"],
    allocateLoadBalancerNodePorts: false,
    externalTrafficPolicy: "Local",
    ports: [{ port: 80 }],
  });
  expect(frontClients(manifests)).toEqual([{ ipBlock: { cidr: "198.51.100.0/24" } }]);
  expect(coreUrl(manifests)).toBe("http://harbor.local");
});

test("inside the cluster nobody connects but those that the settings name", async () => {
  expect(frontClients(await render({ exposure: { type: "clusterIp" } }))).toEqual([]);
  const manifests = await render({ exposure: { type: "clusterIp", clients: ["10.244.0.0/16"] } });
  expect(frontClients(manifests)).toEqual([{ ipBlock: { cidr: "10.244.0.0/16" } }]);
});

/** Who may connect to Harbor's nginx. */
function frontClients(manifests: readonly Manifest[]): unknown[] {
  const { spec } = find(manifests, "NetworkPolicy", "network-harbor-system-harbor-nginx") as unknown as {
    spec: { ingress?: { from: unknown[] }[] };
  };
  return (spec.ingress ?? []).flatMap(({ from }) => from);
}

test("an ingress takes the place of nginx and splits the paths", async () => {
  const manifests = await render({ exposure: ingress });
  expect(harborObjects(manifests, "Deployment").map(({ metadata }) => metadata.name)).not.toContain("harbor-nginx");
  expect(harborObjects(manifests, "Service").map(({ metadata }) => metadata.name)).not.toContain("harbor");
  const { metadata, spec } = find(manifests, "Ingress", "harbor-ingress");
  expect(metadata.annotations).toMatchObject({
    "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    "nginx.ingress.kubernetes.io/ssl-redirect": "true",
  });
  const { rules, tls } = spec as {
    rules: { host: string; http: { paths: { path: string; backend: { service: { name: string } } }[] } }[];
    tls: unknown;
  };
  expect(tls).toEqual([{ hosts: ["harbor.local"], secretName: "harbor-ingress" }]);
  expect(rules[0]?.http.paths.map(({ path, backend }) => `${path} ${backend.service.name}`)).toEqual([
    "/api/ harbor-core",
    "/service/ harbor-core",
    "/v2/ harbor-core",
    "/c/ harbor-core",
    "/ harbor-portal",
  ]);
  expect(coreUrl(manifests)).toBe("https://harbor.local");
});

test("an address of one's own proxy wins", async () => {
  const manifests = await render({ exposure: { type: "clusterIp" }, externalUrl: "https://registry.example.org" });
  expect(find(manifests, "Service", "harbor").spec).toMatchObject({ type: "ClusterIP" });
  expect(coreUrl(manifests)).toBe("https://registry.example.org");
});

test.each([
  ["TLS on the node port", { exposure: { ...nodePort, tls: selfMade } }],
  ["a load balancer", { exposure: { type: "loadBalancer", tls: selfMade } }],
  ["the inside of the cluster", { exposure: { type: "clusterIp" }, metrics: false, trivy: { enabled: false } }],
  ["an ingress", { exposure: ingress }],
  ["an ingress without TLS", { exposure: { type: "ingress", tls: { from: "none" } } }],
  [
    "prepared nodes",
    { exposure: { ...nodePort, tls: selfMade }, nodePreparation: { enabled: true, address: "10.0.0.5" } },
  ],
  [
    "several pods of everything",
    {
      storage: { accessMode: "ReadWriteMany" },
      jobservice: { logs: { inDatabase: true } },
      replicas: { core: 2, jobservice: 2, nginx: 2, portal: 2, registry: 2, trivy: 2 },
    },
  ],
])("%s keeps to every rule or says why not", async (_, settings) => {
  expect(checkManifests(await render(settings)).map(formatFinding)).toEqual([]);
});

test("a registry of somebody else leaves nothing to install", async () => {
  const external = {
    host: "registry.example.org",
    cidrs: ["10.1.0.0/24"],
    pull: { username: "u", password: "[secret]" },
  };
  const manifests = await renderSettings({ openchecker: { enabled: false }, harbor: { external } }, ["harbor"]);
  expect(harborObjects(manifests, "Deployment")).toEqual([]);
});
