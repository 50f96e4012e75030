import type { ProfileName } from "../../components/kpaas/profiles";
import type { SourceControlProgram } from "../../components/kpaas/source-control-applications";
import { divideEnvironment } from "../../components/kpaas/suite-environment";
import { environmentOf, podOf } from "../support/portal-suite";
import { find } from "../support/render-settings";
import { renderSourceControl, sourceControlArgs, wholeSourceControl } from "../support/source-control-suite";

const database = "mariadb.mariadb.svc.cluster.local:3306";
const api = "http://cp-source-control-api-service.cp-source-control.svc.cluster.local:8091";
const manager = "http://cp-source-control-manager-service.cp-source-control.svc.cluster.local:8080/scm";

/** Addresses for people that differ between the releases. */
const addresses: Readonly<Record<ProfileName, { ui: string; manager: string }>> = {
  "v1.4.1": { ui: "http://10.0.0.10:30094", manager: "http://10.0.0.10:30092" },
  "v1.6.0": { ui: "https://scm.apps.example.org", manager: "https://scm.apps.example.org" },
};

/** What upstream's programs read, and what they are to find there. */
const upstream = (profile: ProfileName): Readonly<Record<SourceControlProgram, Readonly<Record<string, string>>>> => ({
  "cp-source-control-api": {
    DATABASE_URL: database,
    DATABASE_USER_ID: "cp-source-control-api",
    DATABASE_USER_PASSWORD: "key cp-source-control-api.DATABASE_USER_PASSWORD",
    SCM_MANAGER_URL: addresses[profile].manager,
    API_BASE_URL: manager,
    ADMIN_ID: "scmadmin",
    ADMIN_PWD: "key cp-source-control-api.ADMIN_PWD",
  },
  "cp-source-control-broker": {
    DATABASE_URL: database,
    DATABASE_USER_ID: "cp-source-control-broker",
    DATABASE_USER_PASSWORD: "key cp-source-control-broker.DATABASE_USER_PASSWORD",
    SCM_DASHBOARD_URL: `${addresses[profile].ui}/repositories/user/{instanceId}`,
    SCM_MANAGER_URL: manager,
    CONTAINER_PLATFORM_SOURCE_CONTROL_API_URI: api,
    CP_SOURCE_CONTROL_API_URI: api,
    KEYCLOAK_URL: "https://keycloak.apps.example.org",
    KEYCLOAK_ADMIN_ID: "key cp-source-control-broker.KEYCLOAK_ADMIN_ID",
    KEYCLOAK_ADMIN_PASSWORD: "key cp-source-control-broker.KEYCLOAK_ADMIN_PASSWORD",
    KEYCLOAK_CP_REALM: "cp-realm",
    KEYCLOAK_IDENTITY_PROVIDER_ID: "cp-saml-idp",
    KEYCLOAK_CLUSTER_ADMIN_GROUP: "cp-cluster-admin",
    KEYCLOAK_CLUSTER_ADMIN_ROLE: "cp-cluster-admin-role",
    ADMIN_ID: "scmadmin",
    ADMIN_PWD: "key cp-source-control-broker.ADMIN_PWD",
  },
  "cp-source-control-ui": {
    CONTAINER_PLATFORM_SOURCE_CONTROL_API_URI: api,
    CP_SOURCE_CONTROL_API_URI: api,
    KEYCLOAK_URL: "https://keycloak.apps.example.org",
    KEYCLOAK_CP_REALM: "cp-realm",
    KEYCLOAK_CP_CLIENT_ID: "cp-client",
    KEYCLOAK_CP_CLIENT_SECRET: "key cp-source-control-ui.KEYCLOAK_CP_CLIENT_SECRET",
    KEYCLOAK_CLUSTER_ADMIN_ROLE: "cp-cluster-admin-role",
  },
});

test.each(["v1.4.1", "v1.6.0"] as const)("every program of %s finds what it reads", async (profile) => {
  const { manifests } = await renderSourceControl(() => wholeSourceControl(profile));
  for (const [program, variables] of Object.entries(upstream(profile))) {
    expect({ program, ...environmentOf(manifests, program, "cp-source-control") }).toMatchObject({
      program,
      ...variables,
    });
  }
});

test("each program gets its own secrets and nobody else's", async () => {
  const { manifests } = await renderSourceControl(() => wholeSourceControl("v1.6.0"));
  const { stringData } = find(manifests, "Secret", "cp-source-control-secret") as unknown as { stringData: object };
  const used = Object.keys(upstream("v1.6.0")).flatMap((program) => {
    const keys = podOf(manifests, program).containers[0].env.flatMap(({ valueFrom }) =>
      valueFrom === undefined ? [] : [valueFrom.secretKeyRef.key],
    );
    expect(keys.every((key) => key.startsWith(`${program}.`))).toBe(true);
    return keys;
  });
  expect(used.sort()).toEqual(Object.keys(stringData).sort());
});

test("no secret lies in the shared ConfigMap or in a pod", async () => {
  const { manifests } = await renderSourceControl(() => wholeSourceControl("v1.4.1"));
  const open = JSON.stringify(manifests.filter(({ kind }) => kind !== "Secret"));
  for (const secret of ["database-password-of", "client-secret-of", "keycloak-password", "password-of-scm-manager"]) {
    expect(open).not.toContain(secret);
  }
});

test("without an account of one's own the images keep the one that they have", async () => {
  const { manifests } = await renderSourceControl(() => sourceControlArgs("v1.6.0"));
  const variables = environmentOf(manifests, "cp-source-control-api", "cp-source-control");
  expect(Object.keys(variables)).not.toEqual(expect.arrayContaining(["ADMIN_ID"]));
  expect(Object.keys(variables)).not.toEqual(expect.arrayContaining(["ADMIN_PWD"]));
});

test("a value that nobody gave is named together with who wants it", () => {
  const divide = () => divideEnvironment("program", { ADDRESS: "address" }, { address: "own" }, { address: undefined });
  expect(divide).toThrow("program needs address for its variable ADDRESS, and it was not given.");
});

test("another secret restarts the programs that have it, and no others", async () => {
  const checksums = async (password: string) => {
    const { manifests } = await renderSourceControl(() => {
      const args = sourceControlArgs("v1.6.0");
      return { ...args, manager: { ...args.manager, administrator: { username: "scmadmin", password } } };
    });
    return manifests
      .filter(({ kind }) => kind === "Deployment")
      .map((deployment) => [deployment.metadata.name, JSON.stringify(deployment["spec"])] as const);
  };
  const [before, after] = [await checksums("one password"), new Map(await checksums("another password"))];
  expect(before.filter(([name, spec]) => spec !== after.get(name)).map(([name]) => name)).toEqual([
    "cp-source-control-api-deployment",
  ]);
});
