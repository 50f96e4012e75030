import type { PortalApplication } from "../../components/kpaas/portal-applications";
import { portalSources } from "../../components/kpaas/portal-environment";
import type { ProfileName } from "../../components/kpaas/profiles";
import { profiles } from "../../components/kpaas/profiles";
import { divideEnvironment } from "../../components/kpaas/suite-environment";
import { environmentOf, everything, podOf, renderSuite, suiteArgs, wholeSuite } from "../support/portal-suite";
import { find } from "../support/render-settings";

/** What upstream's applications read, by release. */
const upstream: Readonly<Record<ProfileName, Readonly<Partial<Record<PortalApplication, readonly string[]>>>>> = {
  "v1.4.1": {
    "cp-portal-api": [
      "VAULT_IP",
      "VAULT_PORT",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
      "VAULT_ROLE_NAME",
      "K8S_API_SERVER",
      "CP_PORTAL_COMMON_API_DNS",
      "CP_PORTAL_TERRAMAN_API_URI",
      "CP_PORTAL_METRIC_COLLECTOR_API_URI",
    ],
    "cp-portal-common-api": [
      "DATABASE_URL",
      "DATABASE_USER_ID",
      "DATABASE_USER_PASSWORD",
      "KEYCLOAK_DB_SCHEMA",
      "KEYCLOAK_CP_REALM",
      "CP_PORTAL_API_DNS",
    ],
    "cp-portal-ui": [
      "KEYCLOAK_URI",
      "KEYCLOAK_CP_REALM",
      "KEYCLOAK_CP_CLIENT_ID",
      "KEYCLOAK_CP_CLIENT_SECRET",
      "CP_PORTAL_API_URI",
      "CP_PORTAL_COMMON_API_URI",
      "REPOSITORY_URL",
    ],
    "cp-portal-service-broker": [
      "DATABASE_URL",
      "DATABASE_USER_ID",
      "DATABASE_USER_PASSWORD",
      "CP_PORTAL_UI_URI",
      "CP_PORTAL_COMMON_API_DNS",
      "KEYCLOAK_URI",
      "KEYCLOAK_CP_REALM",
      "KEYCLOAK_ADMIN_USERNAME",
      "KEYCLOAK_ADMIN_PASSWORD",
    ],
    "cp-portal-terraman": [
      "K8S_MASTER_NODE_IP",
      "DATABASE_URL",
      "DATABASE_USER_ID",
      "DATABASE_USER_PASSWORD",
      "VAULT_IP",
      "VAULT_PORT",
      "VAULT_ROLE_NAME",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
    ],
    "cp-portal-metric-api": [
      "PROFILE",
      "DATABASE_URL",
      "DATABASE_NAME",
      "DATABASE_TERRAMAN_ID",
      "DATABASE_TERRAMAN_PASSWORD",
      "VAULT_IP",
      "VAULT_PORT",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
    ],
  },
  "v1.6.0": {
    "cp-portal-api": [
      "VAULT_URL",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
      "VAULT_ROLE_NAME",
      "CP_PORTAL_COMMON_API_URI",
      "CP_PORTAL_TERRAMAN_API_URI",
      "CP_PORTAL_METRIC_COLLECTOR_API_URI",
    ],
    "cp-portal-common-api": [
      "DATABASE_URL",
      "DATABASE_USER_ID",
      "DATABASE_USER_PASSWORD",
      "KEYCLOAK_DB_SCHEMA",
      "KEYCLOAK_CP_REALM_ID",
    ],
    "cp-portal-ui": [
      "KEYCLOAK_URI",
      "KEYCLOAK_CP_REALM",
      "KEYCLOAK_CP_CLIENT_ID",
      "KEYCLOAK_CP_CLIENT_SECRET",
      "CP_PORTAL_API_URI",
      "CP_PORTAL_CATALOG_API_URI",
      "CP_PORTAL_CHAOS_API_URI",
      "REPOSITORY_URL",
      "CHART_REPO_NAME",
      "CHART_REPO_URL",
      "CHART_REPO_USERNAME",
      "CHART_REPO_PASSWORD",
      "CHART_REPO_CRT",
    ],
    "cp-portal-service-broker": [
      "DATABASE_URL",
      "DATABASE_USER_ID",
      "DATABASE_USER_PASSWORD",
      "CP_PORTAL_UI_URI",
      "CP_PORTAL_COMMON_API_URI",
      "KEYCLOAK_URI",
      "KEYCLOAK_CP_REALM",
      "KEYCLOAK_ADMIN_USERNAME",
      "KEYCLOAK_ADMIN_PASSWORD",
    ],
    "cp-portal-terraman": [
      "K8S_MASTER_NODE_IP",
      "DATABASE_URL",
      "DATABASE_USER_ID",
      "DATABASE_USER_PASSWORD",
      "VAULT_URL",
      "VAULT_ROLE_NAME",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
    ],
    "cp-portal-metric-api": [
      "PROFILE",
      "DATABASE_URL",
      "DATABASE_NAME",
      "DATABASE_TERRAMAN_ID",
      "DATABASE_TERRAMAN_PASSWORD",
      "VAULT_URL",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
    ],
    "cp-portal-catalog-api": [
      "VAULT_URL",
      "VAULT_ROLE_NAME",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
      "HELM_REPO_CONFIG",
      "HELM_REPO_CACHE",
      "HELM_REPO_CA",
    ],
    "cp-portal-chaos-api": [
      "VAULT_URL",
      "VAULT_ROLE_NAME",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
      "CP_PORTAL_COMMON_API_URI",
      "CP_PORTAL_CHAOS_COLLECTOR_API_URI",
      "CHAOS_DASHBOARD_API_URI",
    ],
    "cp-portal-chaos-collector": [
      "VAULT_URL",
      "VAULT_ROLE_NAME",
      "VAULT_ROLE_ID",
      "VAULT_SECRET_ID",
      "CP_PORTAL_COMMON_API_URI",
    ],
  },
};

describe.each(["v1.4.1", "v1.6.0"] as const)("with the profile %s", (profile) => {
  test("every application of the release is told what it reads", async () => {
    const { manifests } = await wholeSuite(profile);
    const expected = Object.entries(upstream[profile]) as [PortalApplication, readonly string[]][];
    const deployed = manifests.filter(({ kind }) => kind === "Deployment").map(({ metadata }) => metadata.name);
    expect(deployed.sort()).toEqual(expected.map(([application]) => `${application}-deployment`).sort());
    for (const [application, names] of expected) {
      const environment = environmentOf(manifests, application);
      expect([application, names.filter((name) => environment[name] === undefined)]).toEqual([application, []]);
    }
  });

  test("a shared variable means the same to all applications", () => {
    const meanings = Object.values(profiles[profile].portal.environment).flatMap((table) => Object.entries(table));
    const ofSecret = new Set(["DATABASE_TERRAMAN_PASSWORD"]);
    for (const [name, source] of meanings.filter(([each]) => !ofSecret.has(each))) {
      const others = meanings.filter(([other]) => other === name).map(([, other]) => other);
      expect([name, others]).toEqual([name, others.map(() => source)]);
    }
  });

  test("no secret lies in a ConfigMap or in plain text, and no application gets another one's", async () => {
    const { manifests } = await wholeSuite(profile);
    const secret = find(manifests, "Secret", "cp-portal-secret") as unknown as { stringData: Record<string, string> };
    const { "cp-portal-catalog-api.config.env": _, ...values } = secret.stringData; // holds names of secrets only
    expect(new Set(Object.values(values))).toEqual(new Set(["[secret]"]));
    const outside = JSON.stringify(manifests.filter(({ kind }) => kind !== "Secret"));
    for (const text of ["database-password", "secret-id-of", "role-id-of", "client-secret", "key-of-the-node"]) {
      expect(outside).not.toContain(text);
    }
    for (const application of Object.keys(upstream[profile]) as PortalApplication[]) {
      const { env, envFrom } = podOf(manifests, application).containers[0];
      expect(envFrom).toEqual([{ configMapRef: { name: "cp-portal-configmap" } }]);
      const keys = env.flatMap(({ valueFrom }) => (valueFrom === undefined ? [] : [valueFrom.secretKeyRef.key]));
      expect(keys.filter((key) => !key.startsWith(`${application}.`))).toEqual([]);
      expect(keys.filter((key) => !(key in secret.stringData))).toEqual([]);
    }
  });
});

test("addresses follow from the contracts", async () => {
  const { manifests } = await wholeSuite("v1.6.0");
  expect(environmentOf(manifests, "cp-portal-ui")).toMatchObject({
    KEYCLOAK_URI: "https://keycloak.apps.example.org",
    KEYCLOAK_CP_REALM: "cp-realm",
    CP_PORTAL_API_URI: "https://portal.apps.example.org/cpapi",
    REPOSITORY_URL: "https://harbor.example.org",
    CHART_REPO_URL: "http://chartmuseum.chartmuseum.svc.cluster.local:8080",
    CHART_REPO_USERNAME: "NOAUTH",
    CHART_REPO_CRT: Buffer.from("authority of the charts").toString("base64"),
  });
  expect(environmentOf(manifests, "cp-portal-api")).toMatchObject({
    VAULT_URL: "http://vault.vault.svc.cluster.local:8200",
    VAULT_ROLE_NAME: "portal-api",
    CP_PORTAL_COMMON_API_URI: "http://cp-portal-common-api-service.cp-portal.svc.cluster.local:3334",
    CP_PORTAL_TERRAMAN_API_URI: "http://cp-portal-terraman-service.cp-portal.svc.cluster.local:8091",
    CPNAMESPACE_EXCEPTNAMESPACE: expect.stringMatching(/^cp-portal-temp-namespace,all,ALL,.*,kubekloud-api,.*,vault$/),
  });
  expect(environmentOf(manifests, "cp-portal-common-api")).toMatchObject({
    DATABASE_URL: "mariadb.mariadb.svc.cluster.local:3306",
    DATABASE_USER_ID: "cp-portal-common-api",
    KEYCLOAK_CP_REALM_ID: "cp-realm",
  });
  // The applications of v1.4.1 append `/auth` themselves, and the broker of every release does.
  const old = await renderSuite(() => {
    const args = everything("v1.4.1");
    const issuer = args.identity.client.issuer.apply((url) => url.replace("/realms", "/auth/realms"));
    return { ...args, identity: { ...args.identity, client: { ...args.identity.client, issuer } } };
  });
  expect(environmentOf(old.manifests, "cp-portal-ui")).toMatchObject({
    KEYCLOAK_URI: "https://keycloak.apps.example.org",
    CP_PORTAL_COMMON_API_URI: "http://cp-portal-common-api-service.cp-portal.svc.cluster.local:3334",
  });
  expect(environmentOf(old.manifests, "cp-portal-api")).toMatchObject({
    VAULT_IP: "vault.vault.svc.cluster.local",
    VAULT_PORT: "8200",
    K8S_API_SERVER: "https://10.0.0.10:6443",
  });
  expect(environmentOf(manifests, "cp-portal-service-broker")).toMatchObject({
    KEYCLOAK_ADMIN_CLIENT_SERVERURL: "https://keycloak.apps.example.org",
  });
});

test("an image refuses to start without the addresses of applications that are not installed, so it gets them", async () => {
  const { manifests } = await renderSuite(() => suiteArgs("v1.6.0"));
  expect(environmentOf(manifests, "cp-portal-api")).toHaveProperty("CP_PORTAL_TERRAMAN_API_URI");
  expect(environmentOf(manifests, "cp-portal-ui")).toMatchObject({
    CP_PORTAL_CATALOG_API_URI: "https://portal.apps.example.org/cpcatalog",
    CHART_REPO_URL: "",
  });
});

test("both ends of a login get the same generated one, and none when the images shall keep their own", async () => {
  const { manifests, registrations } = await wholeSuite("v1.6.0");
  const generated = registrations.filter(({ type }) => type.endsWith("RandomPassword")).map(({ name }) => name);
  expect(generated.sort()).toEqual([
    "portal-broker-password",
    "portal-chaos-collector-password",
    "portal-common-api-password",
    "portal-jwt-key",
    "portal-terraman-password",
  ]);
  const named = (application: PortalApplication) => Object.keys(environmentOf(manifests, application));
  expect(named("cp-portal-common-api")).toEqual(
    expect.arrayContaining(["SPRING_SECURITY_USERNAME", "SPRING_SECURITY_PASSWORD"]),
  );
  expect(named("cp-portal-api")).toEqual(
    expect.arrayContaining(["JWT_SECRET", "COMMONAPI_AUTHORIZATION_PASSWORD", "CPTERRAMAN_AUTHORIZATION_PASSWORD"]),
  );
  expect(named("cp-portal-service-broker")).toEqual(
    expect.arrayContaining(["AUTH_PASSWORD", "CP_COMMON_API_PASSWORD"]),
  );
  expect(named("cp-portal-chaos-api")).toEqual(
    expect.arrayContaining(["JWT_SECRET", "CHAOSCOLLECTORAPI_AUTHORIZATION_PASSWORD"]),
  );

  const builtIn = await renderSuite(() => ({ ...everything("v1.6.0"), credentials: "builtIn" }));
  expect(builtIn.registrations.filter(({ type }) => type.endsWith("RandomPassword"))).toEqual([]);
  expect(environmentOf(builtIn.manifests, "cp-portal-api")).not.toHaveProperty("JWT_SECRET");
  expect(builtIn.suite.brokerLogin).toBeUndefined();
});

test("a login that is missing is named, with the application that needs it", () => {
  const table = profiles["v1.6.0"].portal.environment["cp-portal-catalog-api"] ?? {};
  const values = { "vault.scheme": "http", "vault.url": "http://vault" };
  expect(() => divideEnvironment("cp-portal-catalog-api", table, portalSources, values)).toThrow(
    "cp-portal-catalog-api needs vault.roleId for its variable VAULT_ROLE_ID",
  );
});
