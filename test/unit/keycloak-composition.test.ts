import type { OidcClient } from "../../components/contracts";
import { checkManifests } from "../../policy/check";
import { composeKeycloak, externalIdentity, type Identity } from "../../stacks/composition/keycloak";
import { Site } from "../../stacks/composition/site";
import { keycloakRules } from "../../stacks/settings/keycloak-rules";
import { keycloakWarnings } from "../../stacks/settings/keycloak-warnings";
import { keycloakDatabase } from "../support/example-realm";
import { renderComponent, resolved } from "../support/render-component";
import { find } from "../support/render-settings";
import { settingsOf, withoutKpaas } from "./settings-support";

const release = {
  "v1.6.0": { profile: "v1.6.0", enabled: true, domain: "apps.example.org" },
  "v1.4.1": { profile: "v1.4.1", enabled: true, nodeAddress: "10.0.0.10" },
} as const;

/** Renders Keycloak and its realm as the settings want them. */
async function render(kpaas: object, keycloak: object = {}) {
  const made: { site: Site; identity: Identity }[] = [];
  const { manifests, registrations } = await renderComponent(() => {
    const site = new Site(settingsOf({ kpaas, keycloak }, { stack: "dev" }), {});
    const identity = composeKeycloak(site, { database: keycloakDatabase, certificate: undefined });
    made.push({ site, identity });
    site.isolate();
  });
  const [first] = made;
  if (first === undefined) {
    throw new Error("Nothing was made.");
  }
  return { manifests, registrations, ...first };
}

/** What a consumer is told. */
async function told(client: OidcClient) {
  return { issuer: await resolved(client.issuer), clientId: client.clientId, ports: client.ports, peer: client.peer };
}

test("v1.6.0: a host at the ingress controller, through which the pods of others come, too", async () => {
  const { manifests, identity } = await render(release["v1.6.0"]);
  expect(find(manifests, "Service", "keycloak")["spec"]).toMatchObject({ type: "ClusterIP", ports: [{ port: 80 }] });
  expect(find(manifests, "Service", "keycloak-headless")["spec"]).toMatchObject({ clusterIP: "None" });
  expect(await told(identity.client("portal"))).toMatchObject({
    issuer: "https://keycloak.apps.example.org/realms/cp-realm",
    clientId: "cp-client",
    ports: [443],
    peer: { namespace: "ingress-nginx" },
  });
  expect(checkManifests(manifests)).toEqual([]);
});

test("v1.4.1: a port on the nodes, and all paths below /auth", async () => {
  const { manifests, identity } = await render(release["v1.4.1"]);
  const ports = [{ port: 8080, nodePort: 32710 }];
  expect(find(manifests, "Service", "cp-keycloak")["spec"]).toMatchObject({ type: "NodePort", ports });
  expect(find(manifests, "StatefulSet", "cp-keycloak")["spec"]).toMatchObject({ serviceName: "cp-keycloak-cluster" });
  expect(await told(identity.client("portal"))).toMatchObject({
    issuer: "http://10.0.0.10:32710/auth/realms/cp-realm",
    ports: [8080],
    peer: { namespace: "keycloak" },
  });
  expect(checkManifests(manifests)).toEqual([]);
});

test("Keycloak may reach the mail server of its settings, and sends nothing without one", async () => {
  const mail = { host: "mail.example.org", cidrs: ["192.0.2.25/32"], from: "sso@example.org" };
  const login = { resetPassword: true };
  const { manifests } = await render(release["v1.6.0"], { realm: { mail, login } });
  const policy = JSON.stringify(find(manifests, "NetworkPolicy", "network-keycloak-keycloak")["spec"]);
  expect(policy).toContain("192.0.2.25/32");
  expect(policy).toContain('"port":587');
  expect(() => settingsOf({ keycloak: { realm: { login } } })).toThrow(/cannot send/);
});

test("the Job runs again when the realm changes, and not otherwise", async () => {
  const jobName = async (keycloak: object) =>
    (await render(release["v1.6.0"], keycloak)).manifests.find(({ kind }) => kind === "Job")?.metadata.name;
  const name = await jobName({});
  expect(await jobName({ replicas: 3 })).toBe(name);
  expect(await jobName({ realm: { accessTokenSeconds: 600 } })).not.toBe(name);
});

test("both logins are told to the people who run the stack", async () => {
  const { credentials } = (await render(release["v1.6.0"])).site;
  expect(Object.keys(credentials)).toEqual(["keycloak", "cp-realm"]);
});

const external = {
  issuer: "https://sso.example.org/realms/company",
  cidrs: ["10.1.0.0/24"],
  clients: { portal: { clientId: "portal", clientSecret: "s" } },
};

test("a provider of somebody else gives the clients that the settings name", async () => {
  const { kpaas: _, ...without } = withoutKpaas;
  const configured = { ...without, keycloak: { external }, harbor: { oidc: { enabled: false } } };
  const { keycloak } = settingsOf(configured, { secretKeys: ["keycloak"] });
  if (keycloak.external === undefined) {
    throw new Error("The settings have lost the provider.");
  }
  const identity = externalIdentity(keycloak.external);
  expect(await told(identity.client("portal"))).toEqual({
    issuer: external.issuer,
    clientId: "portal",
    ports: [443],
    peer: { cidrs: external.cidrs },
  });
  expect(() => identity.client("harbor")).toThrow("platform:keycloak.external.clients.harbor");
});

test.each<[string, { keycloak?: object; kpaas?: object; oidc?: boolean }, string[]]>([
  ["defaults", {}, []],
  ["the portal without a provider", { keycloak: { enabled: false } }, ["kpaas.enabled", "keycloak.enabled"]],
  ["neither", { ...withoutKpaas, keycloak: { enabled: false } }, []],
  [
    "a login that ends while it is still idle",
    { keycloak: { realm: { sessionIdleSeconds: 7200, sessionMaxSeconds: 3600, login: {} } } },
    ["keycloak.realm.sessionIdleSeconds", "keycloak.realm.sessionMaxSeconds"],
  ],
  [
    "more connections than the database takes",
    { keycloak: { replicas: 3, databaseConnections: 100 } },
    ["keycloak.databaseConnections", "keycloak.replicas", "mariadb.maxConnections"],
  ],
  ["a whole external provider", { keycloak: { external } }, []],
  [
    "an external provider without Harbor's client",
    { keycloak: { external }, oidc: true },
    ["keycloak.external.clients.harbor", "harbor.oidc.enabled"],
  ],
  [
    "an external provider that is no Keycloak",
    { keycloak: { external: { ...external, issuer: "https://sso.example.org" } } },
    ["keycloak.external.issuer", "kpaas.enabled"],
  ],
])("rules: %s", (_, { keycloak = {}, kpaas = {}, oidc = false }, paths) => {
  const settings = settingsOf({});
  const changed = {
    ...settings,
    kpaas: { ...settings.kpaas, enabled: true, ...kpaas },
    keycloak: { ...settings.keycloak, ...keycloak },
    harbor: { ...settings.harbor, oidc: { ...settings.harbor.oidc, enabled: oidc } },
    sourceControl: { ...settings.sourceControl, enabled: false },
  };
  const found = keycloakRules({ settings: changed as typeof settings, configured: {} });
  expect(found.flatMap((each) => each.paths.map((path) => path.join(".")))).toEqual(paths);
});

test("what weakens logins is pointed out", () => {
  const warnings = (realm: object) => {
    const settings = settingsOf({ keycloak: { realm } });
    return keycloakWarnings({ ...settings, kpaas: { ...settings.kpaas, enabled: true } });
  };
  expect(warnings({})).toEqual([]);
  expect(warnings({ selfRegistration: true, bruteForceProtection: false, directGrants: true })).toEqual([
    expect.stringContaining("keycloak.realm.selfRegistration"),
    expect.stringContaining("keycloak.realm.bruteForceProtection"),
    expect.stringContaining("keycloak.realm.directGrants"),
  ]);
});
