import { keycloakBase } from "../../components/kpaas/portal-shared-values";
import { profileNames, profiles } from "../../components/kpaas/profiles";
import { hiddenNamespaceList } from "../../components/kpaas/reserved-names";
import { type KpaasService, kpaasAddress, nodeEndpoint } from "../../stacks/composition/kpaas-addresses";
import { platformNamespaces, portalUrls } from "../../stacks/composition/portal";
import { type KpaasSettings, kpaas } from "../../stacks/settings/kpaas";
import { settingsOf } from "./settings-support";

const settings = (changes: Record<string, unknown>): KpaasSettings => kpaas.parse({ enabled: true, ...changes });

const services: KpaasService[] = ["portal", "keycloak", "vault", "chartmuseum", "pipeline", "scm"];

test("v1.6.0 gives each service a host name with the certificate of the domain", () => {
  const all = services.map((service) => kpaasAddress(settings({ domain: "apps.example.org" }), service));
  expect(all.map(({ url }) => url)).toEqual([
    "https://portal.apps.example.org",
    "https://keycloak.apps.example.org",
    "https://vault.apps.example.org",
    "https://chartmuseum.apps.example.org",
    "https://pipeline.apps.example.org",
    "https://scm.apps.example.org",
  ]);
  expect(all[0]?.exposure).toEqual({
    type: "ingress",
    host: "portal.apps.example.org",
    tls: { from: "secret", secretName: "apps.example.org-tls" },
  });
});

test("v1.4.1 gives each service the node port of upstream, and ChartMuseum, once a part of Harbor, none", () => {
  const old = settings({ profile: "v1.4.1", nodeAddress: "10.0.0.10" });
  expect(services.map((service) => kpaasAddress(old, service).url)).toEqual([
    "http://10.0.0.10:32703",
    "http://10.0.0.10:32710",
    "http://10.0.0.10:31654",
    "http://chartmuseum.chartmuseum.svc:8080",
    "http://10.0.0.10:30084",
    "http://10.0.0.10:30094",
  ]);
  expect(portalUrls(old)).toMatchObject({ "cp-portal-api": "http://10.0.0.10:32701" });
  expect(kpaasAddress(settings({ profile: "v1.4.1", nodeAddress: "fd00::1" }), "portal").url).toBe(
    "http://[fd00::1]:32703",
  );
});

test("the exposure can be another one than the profile's", () => {
  const old = settings({ profile: "v1.4.1", exposure: "ingress", domain: "apps.example.org" });
  expect(portalUrls(old)).toEqual({
    "cp-portal-api": "https://portal.apps.example.org/cpapi",
    "cp-portal-catalog-api": "https://portal.apps.example.org/cpcatalog",
    "cp-portal-chaos-api": "https://portal.apps.example.org/cpchaos",
    "cp-portal-ui": "https://portal.apps.example.org",
  });
  const current = settings({ exposure: "nodePort", nodeAddress: "10.0.0.10" });
  const urls = Object.values(portalUrls(current));
  expect(new Set(urls).size).toBe(urls.length);
});

test("names of the products are those of the release", () => {
  expect(profiles["v1.4.1"]).toMatchObject({
    mariadb: { namespace: "mariadb", serviceName: "cp-mariadb", servicePort: 3306 },
    keycloak: {
      namespace: "keycloak",
      serviceName: "cp-keycloak",
      headlessServiceName: "cp-keycloak-cluster",
      servicePort: 8080,
      relativePath: "/auth",
    },
    vault: { namespace: "vault", servicePort: 8200, nodePort: 31654 },
    hostClusterId: "host-cluster",
  });
  expect(profiles["v1.6.0"]).toMatchObject({
    mariadb: { serviceName: "mariadb" },
    keycloak: { serviceName: "keycloak", servicePort: 80, relativePath: "" },
    hostClusterId: undefined,
  });
  // Common-API of v1.4.1 compares the realm's name with its id, so both have to be the same text.
  for (const profile of profileNames) {
    expect(profiles[profile].realm).toEqual({ name: "cp-realm", id: "cp-realm" });
  }
});

test.each([
  ["https://keycloak.example.org/realms/cp-realm", "https://keycloak.example.org"],
  ["http://10.0.0.10:32710/auth/realms/cp-realm", "http://10.0.0.10:32710"],
  ["https://sso.example.org/identity/realms/cp-realm/", "https://sso.example.org/identity"],
])("the applications are told the address of Keycloak in front of the realm: %s", (issuer, base) => {
  expect(keycloakBase(issuer)).toBe(base);
});

test("a node is open to pods by its address only", () => {
  const nodeOf = (changes: Record<string, unknown>) => nodeEndpoint(settings(changes), [32710]);
  const byPort = { profile: "v1.4.1" };
  expect(nodeOf({ ...byPort, nodeAddress: "10.0.0.10" })).toMatchObject({
    ports: [32710],
    peer: { cidrs: ["10.0.0.10/32"] },
  });
  expect(nodeOf({ ...byPort, nodeAddress: "fd00::10" })).toMatchObject({ peer: { cidrs: ["fd00::10/128"] } });
  expect(nodeOf({ ...byPort, nodeAddress: "node-1.example.org" })).toBeUndefined();
  expect(nodeOf({ domain: "apps.example.org", nodeAddress: "10.0.0.10" })).toBeUndefined();
  // Without ports a policy would open all of them.
  expect(nodeEndpoint(settings({ ...byPort, nodeAddress: "10.0.0.10" }), [undefined])).toBeUndefined();
});

test("tenants do not see the namespaces of this stack, and the list has no gaps", () => {
  const own = platformNamespaces(settingsOf({ kpaas: { enabled: true, domain: "apps.example.org" } }));
  const hidden = hiddenNamespaceList(own).split(",");
  expect(hidden).toEqual(
    expect.arrayContaining(["all", "kubekloud-api", "harbor-system", "kyverno", "rabbitmq", "rook-ceph", "vault"]),
  );
  expect(hidden.filter((name) => !/^[A-Za-z0-9-]+$/.test(name))).toEqual([]);
  expect(new Set(hidden).size).toBe(hidden.length);
});
