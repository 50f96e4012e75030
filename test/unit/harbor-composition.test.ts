import * as pulumi from "@pulumi/pulumi";
import type { OidcClient } from "../../components/contracts";
import { WildcardCertificate } from "../../components/identity/wildcard-certificate";
import { checkManifests } from "../../policy/check";
import { composeHarbor, type HarborSurroundings, type Registry } from "../../stacks/composition/harbor";
import { harborLoginRedirect, harborUrl } from "../../stacks/composition/harbor-address";
import { ingressEndpoint } from "../../stacks/composition/ingress-endpoint";
import { Site } from "../../stacks/composition/site";
import type { Manifest } from "../../stacks/render";
import { harborLoginRules } from "../../stacks/settings/harbor-login-rules";
import { renderComponent, resolved } from "../support/render-component";
import { find } from "../support/render-settings";
import { testAuthority } from "../support/test-certificates";
import { settingsOf } from "./settings-support";

const client: OidcClient = {
  system: "Keycloak",
  ports: [443],
  peer: { namespace: "ingress-nginx", podLabels: { "app.kubernetes.io/name": "ingress-nginx" } },
  issuer: pulumi.output("https://keycloak.apps.example.org/realms/cp-realm"),
  clientId: "harbor",
  clientSecret: pulumi.secret("client secret"),
  certificateAuthority: pulumi.output("an authority\n"),
};

/** People have accounts in Harbor itself. */
const ownAccounts = { oidc: { enabled: false } };

/** Renders Harbor with what other systems give it; with accounts of its own unless told otherwise. */
async function render(harbor: object, surroundings: () => HarborSurroundings = () => ({}), others: object = {}) {
  const registries: Registry[] = [];
  const { manifests } = await renderComponent(() => {
    const site = new Site(settingsOf({ harbor: { ...ownAccounts, ...harbor }, ...others }, { stack: "dev" }), {});
    registries.push(composeHarbor(site, surroundings()));
    site.isolate();
  });
  return { manifests, registry: registries[0] };
}

function coreVariables(manifests: readonly Manifest[]): string[] {
  return Object.keys(find(manifests, "Secret", "harbor-core")["stringData"] as object);
}

test("people log in through the identity provider when the settings want it", async () => {
  const identity = () => ({ identity: client });
  const { manifests } = await render({ oidc: { enabled: true, adminGroup: "cp-cluster-admin-role" } }, identity);
  expect(coreVariables(manifests)).toContain("CONFIG_OVERWRITE_JSON");
  const policy = JSON.stringify(find(manifests, "NetworkPolicy", "network-harbor-system-harbor-core")["spec"]);
  expect(policy).toContain('"kubernetes.io/metadata.name":"ingress-nginx"');
  expect(checkManifests(manifests)).toEqual([]);
  expect(coreVariables((await render({}, identity)).manifests)).not.toContain("CONFIG_OVERWRITE_JSON");
});

test("system settings go to core where it holds them, and to the bootstrap Job elsewhere", async () => {
  const system = { sessionMinutes: 15, storagePerProject: "10Gi" };
  const wanted = { session_timeout: 15, storage_per_project: 10 * 2 ** 30 };
  const ofJob = (manifests: readonly Manifest[]) => {
    const { data } = find(manifests, "ConfigMap", "harbor-bootstrap") as unknown as { data: Record<string, string> };
    return JSON.parse(data["desired-state.json"] ?? "").system;
  };
  expect(ofJob((await render({ system })).manifests)).toEqual(wanted);
  const login = await render({ oidc: { enabled: true }, system }, () => ({ identity: client }));
  expect(ofJob(login.manifests)).toEqual({}); // Harbor would refuse them there
  expect(coreVariables(login.manifests)).toContain("CONFIG_OVERWRITE_JSON");
});

test("core knows the registries that people may replicate with", async () => {
  const variable = async (tuning: object) => {
    const { spec } = find((await render({ tuning })).manifests, "Deployment", "harbor-core") as unknown as {
      spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
    };
    const env = spec.template.spec.containers[0]?.env ?? [];
    return env.find(({ name }) => name === "REPLICATION_ADAPTER_WHITELIST")?.value;
  };
  expect((await variable({}))?.split(",")).toHaveLength(12);
  expect(await variable({ replicationKinds: ["harbor", "docker-hub"] })).toBe("harbor,docker-hub");
});

test("core trusts the private authority of the provider", async () => {
  const { manifests } = await render({ oidc: { enabled: true } }, () => ({ identity: client }));
  expect(find(manifests, "Secret", "harbor-trusted-certificates")).toBeDefined();
  expect(JSON.stringify(find(manifests, "Deployment", "harbor-core")["spec"])).toContain(
    "/harbor_cust_cert/custom-ca.crt",
  );
});

test("a login without an identity provider is noticed before anything is made", () => {
  const settings = settingsOf({}, { stack: "dev" });
  const broken = (changes: { enabled?: boolean; login: boolean }, sections: { keycloak?: object; kpaas?: object }) => {
    const { login, ...rest } = changes;
    const harbor = { ...settings.harbor, ...rest, oidc: { ...settings.harbor.oidc, enabled: login } };
    const keycloak = { ...settings.keycloak, enabled: true, ...sections.keycloak };
    const kpaas = { ...settings.kpaas, enabled: true, ...sections.kpaas };
    return harborLoginRules({ settings: { ...settings, harbor, keycloak, kpaas }, configured: {} }).flatMap(
      ({ paths }) => paths.map((path) => path.join(".")),
    );
  };
  const wanted = { login: true };
  const none = ["harbor.oidc.enabled", "keycloak.enabled", "kpaas.enabled"];
  expect(broken(wanted, {})).toEqual([]);
  expect(broken(wanted, { keycloak: { enabled: false } })).toEqual(none);
  expect(broken(wanted, { kpaas: { enabled: false } })).toEqual(none);
  expect(broken(wanted, { kpaas: { enabled: false }, keycloak: { external: {} } })).toEqual([]);
  expect(broken({ login: false }, { keycloak: { enabled: false } })).toEqual([]);
  expect(broken({ ...wanted, enabled: false }, { keycloak: { enabled: false } })).toEqual([]);
});

interface DesiredState {
  readonly projects: readonly { readonly name: string; readonly metadata: Readonly<Record<string, string>> }[];
  readonly robots: readonly { readonly project: string; readonly name: string }[];
}

function desired(manifests: readonly Manifest[]): DesiredState {
  const { data } = find(manifests, "ConfigMap", "harbor-bootstrap") as unknown as { data: Record<string, string> };
  return JSON.parse(data["desired-state.json"] ?? "");
}

test("projects that other systems need are made, with their robots, besides those of the settings", async () => {
  const { manifests, registry } = await render({}, () => ({ projects: ["cp-portal-repository"] }));
  const { projects, robots } = desired(manifests);
  expect(projects.map(({ name, metadata }) => [name, metadata["public"]])).toEqual([
    ["cp-portal-repository", "false"],
    ["kubekloud", "false"],
  ]);
  expect(robots.filter(({ project }) => project === "cp-portal-repository").map(({ name }) => name)).toEqual([
    "cluster",
    "ci",
  ]);
  expect(registry?.pull("cp-portal-repository").username).toBe("robot$cp-portal-repository+cluster");
});

test("what the settings say about a needed project holds", async () => {
  const harbor = { projects: { "cp-portal-repository": { public: true } } };
  const { manifests } = await render(harbor, () => ({ projects: ["cp-portal-repository"] }));
  const portal = desired(manifests).projects.find(({ name }) => name === "cp-portal-repository");
  expect(portal?.metadata["public"]).toBe("true");
});

test.each([
  ["apps.example.org-tls", 1],
  ["our-own-tls", 0],
])("with the Secret %s Harbor gets the certificate of the platform's hosts %i times", async (secretName, times) => {
  const exposure = { type: "ingress", tls: { from: "secret", secretName } };
  const { manifests } = await render({ host: "harbor.apps.example.org", exposure }, () => ({
    certificate: new WildcardCertificate("wildcard", {
      domain: "apps.example.org",
      source: { from: "given", certificate: "certificate", privateKey: pulumi.secret("key") },
    }),
  }));
  const secrets = manifests.filter(({ kind, metadata }) => kind === "Secret" && metadata.name.endsWith("-tls"));
  expect(secrets.map(({ metadata }) => metadata.namespace)).toEqual(Array(times).fill("harbor-system"));
});

/** The certificate of the platform's hosts, signed by this authority. */
const certificateOf = (authority: string) => () => ({
  certificate: new WildcardCertificate("wildcard", {
    domain: "apps.example.org",
    source: { from: "given", certificate: "certificate", privateKey: pulumi.secret("key"), authority },
  }),
});

test.each<[string, object, string | undefined]>([
  ["of the platform's hosts", { secretName: "apps.example.org-tls" }, "the platform's hosts'\n"],
  ["of somebody else", { secretName: "our-tls" }, undefined],
])("nodes and builds trust the authority behind a certificate %s", async (_, facts, authority) => {
  const harbor = {
    host: "harbor.apps.example.org",
    exposure: { type: "ingress", tls: { from: "secret", ...facts } },
    nodePreparation: { enabled: true },
  };
  const { manifests, registry } = await render(harbor, certificateOf("the platform's hosts'"));
  const files = find(manifests, "ConfigMap", "registry-node-preparation")["data"] as Record<string, string>;
  expect(files["ca.crt"]).toBe(authority);
  const trusted = registry?.pull("kubekloud").certificateAuthority;
  expect(trusted && (await resolved(trusted))).toBe(authority);
});

test.each([["ingress"], ["loadBalancer"]])(
  "nodes and builds trust the authority that the settings name, with an exposure %s",
  async (type) => {
    const { certificate: pem } = await testAuthority("Ours");
    const tls = { from: "secret", secretName: "apps.example.org-tls", certificateAuthority: pem };
    const harbor = { host: "harbor.apps.example.org", exposure: { type, tls }, nodePreparation: { enabled: true } };
    const { manifests, registry } = await render(harbor, certificateOf("the platform's hosts'"));
    expect(find(manifests, "ConfigMap", "registry-node-preparation")["data"]).toMatchObject({ "ca.crt": pem });
    expect(await resolved(registry?.pull("kubekloud").certificateAuthority ?? pulumi.output(""))).toBe(pem);
  },
);

test("who calls the registry by its address ends at the ingress controller, where there is an ingress", async () => {
  const reached = async (exposure: object) => {
    const { registry } = await render({ exposure });
    const { peer, ports } = registry?.pull("kubekloud") ?? {};
    return { peer, ports };
  };
  const controller = { peer: expect.objectContaining({ namespace: "ingress-nginx" }) };
  expect(await reached({ type: "ingress", tls: { from: "selfMade" } })).toEqual({ ...controller, ports: [443] });
  expect(await reached({ type: "ingress", tls: { from: "none" } })).toEqual({ ...controller, ports: [80] });
  expect(await reached({ type: "nodePort" })).toMatchObject({ peer: { namespace: "harbor-system" }, ports: [8080] });
});

test("core does not look for the platform's Keycloak behind the outbound proxy", async () => {
  const proxy = { https: "http://proxy.example.org:3128", cidrs: ["10.9.0.0/24"], ports: [3128], noProxy: [".corp"] };
  const direct = async (enabled: boolean, others: object = {}) => {
    const { manifests } = await render({ proxy, oidc: { enabled } }, () => ({ identity: client }), others);
    const core = JSON.stringify(find(manifests, "Deployment", "harbor-core")["spec"]);
    return /"NO_PROXY","value":"([^"]*)"/.exec(core)?.[1]?.split(",") ?? [];
  };
  expect(await direct(true)).toEqual(expect.arrayContaining([".corp", "keycloak.kpaas.platform.localhost"]));
  expect(await direct(false)).not.toContain("keycloak.kpaas.platform.localhost");
  const atNode = { kpaas: { profile: "v1.4.1", nodeAddress: "2001:db8::10" } };
  expect(await direct(true, atNode)).toContain("2001:db8::10");
});

const external = {
  host: "registry.example.org:5000",
  cidrs: ["10.1.0.0/24"],
  pull: { username: "u", password: "p" },
};

test.each<[string, object, string]>([
  ["a node port", {}, "http://harbor.local:30002"],
  ["an ingress", { exposure: { type: "ingress", tls: { from: "selfMade" } } }, "https://harbor.local"],
  ["the cluster only", { exposure: { type: "clusterIp" } }, "http://harbor.harbor-system.svc.cluster.local"],
  ["a proxy in front", { externalUrl: "https://registry.example.org" }, "https://registry.example.org"],
  ["a registry of somebody else", { external }, "https://registry.example.org:5000"],
])("the address with %s is known beforehand", (_, harbor, url) => {
  const settings = settingsOf({ harbor, pipeline: { enabled: false } }, { stack: "dev", secretKeys: ["harbor"] });
  expect(harborUrl(settings)).toBe(url);
  expect(harborLoginRedirect(settings)).toBe(`${url}/c/oidc/callback`);
});

test("public addresses are reached at the ports of the ingress controller's pods", () => {
  const { cluster } = settingsOf({ cluster: { ingress: { controllerPorts: { https: 8443 } } } }, { stack: "dev" });
  expect(ingressEndpoint(cluster, "https")).toMatchObject({ ports: [8443], peer: { namespace: "ingress-nginx" } });
  expect(ingressEndpoint(cluster, "http").ports).toEqual([80]);
});

test.each([[["openid"]], [["profile email"]], [["profile,email"]]])("the scopes %j are refused", (scopes) => {
  expect(() => settingsOf({ harbor: { oidc: { scopes } } }, { stack: "dev" })).toThrow("harbor.oidc.scopes");
});
