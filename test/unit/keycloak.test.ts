import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "../../components/exposure/exposure";
import { externalOidc } from "../../components/identity/external-oidc";
import { Keycloak } from "../../components/identity/keycloak";
import { type KeycloakFacts, keycloakVariables } from "../../components/identity/keycloak-configuration";
import { KeycloakRealm } from "../../components/identity/keycloak-realm";
import { realmDocument } from "../../components/identity/keycloak-realm-document";
import type { RealmOptions } from "../../components/identity/keycloak-realm-options";
import { checkManifests } from "../../policy/check";
import { keycloakDatabase, portalClient, realmFacts, realmOptions } from "../support/example-realm";
import { isolated, type RenderedComponent, renderComponent, resolved } from "../support/render-component";
import { find } from "../support/render-settings";

const facts: KeycloakFacts = {
  publicUrl: "https://keycloak.example.org",
  relativePath: "",
  behindProxy: true,
  database: {
    host: "mariadb.mariadb.svc.cluster.local",
    port: 3306,
    database: "keycloak",
    username: "k",
    poolSize: 20,
  },
  clusterHost: "keycloak-headless.keycloak.svc.cluster.local",
};

test("paths begin where the release has them, health and metrics always at the root", () => {
  expect(keycloakVariables(facts)).toMatchObject({ KC_HTTP_RELATIVE_PATH: "/", KC_HTTP_MANAGEMENT_RELATIVE_PATH: "/" });
  const old = keycloakVariables({ ...facts, relativePath: "/auth", publicUrl: "http://10.0.0.1:32710/auth" });
  expect(old).toMatchObject({
    KC_HOSTNAME: "http://10.0.0.1:32710/auth",
    KC_HTTP_RELATIVE_PATH: "/auth",
    KC_HTTP_MANAGEMENT_RELATIVE_PATH: "/",
  });
});

test("headers of a proxy are believed only where there is one", () => {
  expect(keycloakVariables(facts)).toMatchObject({ KC_PROXY_HEADERS: "xforwarded" });
  expect(keycloakVariables({ ...facts, behindProxy: false })).not.toHaveProperty("KC_PROXY_HEADERS");
});

test("an address of IPv6 is set apart from the port", () => {
  const variables = keycloakVariables({ ...facts, database: { ...facts.database, host: "2001:db8::1" } });
  expect(variables).toMatchObject({ KC_DB_URL: "jdbc:mariadb://[2001:db8::1]:3306/keycloak" });
});

const ingress: Exposure = {
  type: "ingress",
  host: "keycloak.example.org",
  tls: { from: "secret", secretName: "example-org-tls" },
};
const controller = { namespace: "ingress-nginx", podLabels: { app: "controller" } };
const image = {
  reference: "registry.example.org/image:1",
  version: "1",
  pullPolicy: "IfNotPresent",
  pullSecrets: [],
} as const;

interface Made extends RenderedComponent {
  readonly realm: KeycloakRealm<"portal">;
}

async function make(options: { readonly replicas?: number; readonly exposure?: Exposure } = {}): Promise<Made> {
  const { exposure = ingress, replicas = 2 } = options;
  let made: KeycloakRealm<"portal"> | undefined;
  const rendered = await renderComponent(() =>
    isolated("keycloak", (namespace) => {
      const server = new Keycloak("keycloak", {
        namespace,
        image,
        replicas,
        resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
        database: keycloakDatabase,
        poolSize: 20,
        service: { name: "cp-keycloak", port: 8080 },
        headlessServiceName: "cp-keycloak-cluster",
        relativePath: "/auth",
        publicUrl: "https://keycloak.example.org",
        exposure,
        outside: [],
        ingress: { className: "nginx", controller, awaitAddress: false },
        clusterDomain: "cluster.local",
      });
      made = new KeycloakRealm("keycloak-realm", {
        namespace,
        image,
        administration: server.administration,
        realm: realmFacts,
        clients: { portal: portalClient },
        publicUrl: server.url,
        reachedThrough: { system: "Ingress controller", ports: [443], peer: controller },
      });
      const parts = [server, made];
      return {
        workloads: parts.flatMap(({ workloads }) => workloads),
        connections: parts.flatMap(({ connections }) => connections),
      };
    }),
  );
  if (made === undefined) {
    throw new Error("no realm was made");
  }
  return { ...rendered, realm: made };
}

test("no secret stands anywhere but in a Secret, and no policy is broken", async () => {
  const { manifests } = await make();
  expect(JSON.stringify(manifests.filter(({ kind }) => kind !== "Secret"))).not.toContain("[secret]");
  expect(find(manifests, "Secret", "keycloak-realm")["stringData"]).toMatchObject({ "realm.json": "[secret]" });
  expect(checkManifests(manifests).map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
});

test("the pods reach the database and each other, and only they do", async () => {
  const { manifests } = await make();
  const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy");
  const server = policies.filter((each) =>
    JSON.stringify(each["spec"]).includes('"app.kubernetes.io/name":"keycloak"'),
  );
  const rules = JSON.stringify(server.map((each) => each["spec"]));
  for (const port of [3306, 7800, 57800, 8080]) {
    expect(rules).toContain(`"port":${port}`);
  }
  expect(rules).not.toContain('"port":9000');
});

test("one pod needs no budget, two have one", async () => {
  const budgets = async (replicas: number) =>
    (await make({ replicas })).manifests.filter(({ kind }) => kind === "PodDisruptionBudget").length;
  expect([await budgets(1), await budgets(2)]).toEqual([0, 1]);
});

test("the ingress takes large requests, and the stack's own annotations win", async () => {
  const annotations = { "nginx.ingress.kubernetes.io/proxy-buffer-size": "16k" };
  const { manifests } = await make({ exposure: { ...ingress, annotations } });
  expect(find(manifests, "Ingress", "cp-keycloak").metadata).toMatchObject({
    annotations: {
      "nginx.ingress.kubernetes.io/proxy-body-size": "2500m",
      "nginx.ingress.kubernetes.io/proxy-buffer-size": "16k",
    },
  });
});

test("a client knows its issuer, its secret and what its pods have to reach", async () => {
  const client = (await make()).realm.client("portal");
  expect(await resolved(client.issuer)).toBe("https://keycloak.example.org/auth/realms/cp-realm");
  expect(client).toMatchObject({ clientId: "cp-client", ports: [443], peer: controller });
  expect(await pulumi.isSecret(client.clientSecret)).toBe(true);
});

test("a provider elsewhere gives the same contract", async () => {
  const client = externalOidc({
    issuer: "https://sso.example.org:8443/realms/r",
    cidrs: ["10.1.0.0/24"],
    clientId: "harbor",
    clientSecret: "s",
  });
  expect(client).toMatchObject({ ports: [8443], peer: { cidrs: ["10.1.0.0/24"] }, clientId: "harbor" });
  expect(await resolved(client.issuer)).toBe("https://sso.example.org:8443/realms/r");
});

test("the realm holds what the settings name, and nothing of what they leave out", () => {
  const document = (options: RealmOptions) => JSON.parse(realmDocument({ ...realmFacts, options }, [], "first"));
  expect(Object.keys(document({})).sort()).toEqual(
    [
      ...["id", "realm", "enabled", "sslRequired", "rememberMe", "registrationAllowed", "bruteForceProtected"],
      ...["accessTokenLifespan", "ssoSessionIdleTimeout", "ssoSessionMaxLifespan"],
      ...["roles", "groups", "clientScopes", "clients", "users"],
    ].sort(),
  );
  expect(document(realmOptions)).toMatchObject({
    passwordPolicy: "digits(1) and length(12) and maxLength(128) and notUsername(undefined) and passwordHistory(3)",
    smtpServer: { host: "mail.example.org", port: "587", ssl: "false", starttls: "true", auth: "false" },
    internationalizationEnabled: true,
    eventsExpiration: 30 * 86_400,
  });
  const mail = { host: "h", port: 465, from: "a@b.c", encryption: "tls", username: "u" } as const;
  const { smtpServer } = JSON.parse(realmDocument({ ...realmFacts, options: { mail } }, [], "first", "secret"));
  expect(smtpServer).toMatchObject({ ssl: "true", starttls: "false", auth: "true", user: "u", password: "secret" });
});
