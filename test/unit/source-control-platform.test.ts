import { checkManifests } from "../../policy/check";
import { settingsWarnings } from "../../stacks/settings";
import { sourceControlRules } from "../../stacks/settings/source-control-rules";
import { environmentOf } from "../support/portal-suite";
import { find, renderSettings } from "../support/render-settings";
import { peersOf } from "../support/source-control-suite";
import { problemsOf, settingsOf } from "./settings-support";

type Section = Readonly<Record<string, unknown>>;

const releases = {
  "v1.4.1": { enabled: true, profile: "v1.4.1", nodeAddress: "10.0.0.10" },
  "v1.6.0": { enabled: true, domain: "apps.example.org" },
} as const;

const everything = {
  enabled: true,
  broker: { enabled: true, exposure: { type: "nodePort" } },
  manager: { administrator: { password: "a-password-of-scm-manager" } },
};

/** K-PaaS with the suite and Harbor, from settings. */
const render = (kpaas: Section, sourceControl: Section) =>
  renderSettings({ openchecker: { enabled: false }, harbor: {}, kpaas, sourceControl }, ["sourceControl"]);

test.each(Object.entries(releases))("the suite with all of %s keeps to every rule of the policy", async (_, kpaas) => {
  const findings = checkManifests(await render(kpaas, everything));
  expect(findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
});

test("the suite meets the other systems where they are", async () => {
  const manifests = await render(releases["v1.6.0"], everything);
  const variables = environmentOf(manifests, "cp-source-control-ui", "cp-source-control");
  expect(variables).toMatchObject({
    KEYCLOAK_URL: "https://keycloak.apps.example.org",
    KEYCLOAK_CP_CLIENT_ID: "cp-source-control-client",
    KEYCLOAK_CLUSTER_ADMIN_ROLE: "cp-cluster-admin-role",
  });
  expect(environmentOf(manifests, "cp-source-control-api", "cp-source-control")).toMatchObject({
    DATABASE_URL: "mariadb.mariadb.svc.cluster.local:3306",
    DATABASE_USER_ID: "cp-source-control-api",
    SCM_MANAGER_URL: "https://scm.apps.example.org",
  });
  expect(find(manifests, "Ingress", "cp-source-control-manager-ingress")["spec"]).toMatchObject({
    tls: [{ hosts: ["scm.apps.example.org"], secretName: "apps.example.org-tls" }],
  });
  expect(
    manifests
      .filter(({ metadata }) => metadata.namespace === "cp-source-control")
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  ).toContain("Secret apps.example.org-tls");
  expect(JSON.stringify(manifests.filter(({ metadata }) => metadata.namespace === "harbor-system"))).toContain(
    "cp-source-control-repository",
  );
  expect(peersOf(manifests, "cp-source-control-manager").called).toEqual(["cp-source-control-api"]);
});

test("node ports lead people to the website and to the repositories", async () => {
  const manifests = await render(releases["v1.4.1"], everything);
  expect(environmentOf(manifests, "cp-source-control-api", "cp-source-control")["SCM_MANAGER_URL"]).toBe(
    "http://10.0.0.10:30092",
  );
  expect(environmentOf(manifests, "cp-source-control-ui", "cp-source-control")["KEYCLOAK_URL"]).toBe(
    "http://10.0.0.10:32710",
  );
  expect(peersOf(manifests, "cp-source-control-ui").called).toContain("10.0.0.10/32");
  expect(peersOf(manifests, "cp-source-control-api").called).toContain("10.0.0.10/32");
});

test("without the suite there is nothing of it", async () => {
  const manifests = await render(releases["v1.6.0"], { enabled: false });
  expect(manifests.filter(({ metadata }) => metadata.namespace === "cp-source-control")).toEqual([]);
});

const external = {
  issuer: "https://sso.example.org/realms/cp-realm",
  cidrs: ["192.0.2.1/32"],
  clients: {
    portal: { clientId: "portal", clientSecret: "a secret of the client" },
    sourceControl: { clientId: "scm", clientSecret: "a secret of the client" },
  },
};

const impossible: [title: string, sections: Record<string, Section>, path: string][] = [
  [
    "a suite without K-PaaS",
    { kpaas: { enabled: false }, sourceControl: { enabled: true } },
    "sourceControl.enabled + platform:kpaas.enabled",
  ],
  [
    "a broker that nobody reaches",
    { kpaas: releases["v1.6.0"], sourceControl: { enabled: true, broker: { enabled: true } } },
    "sourceControl.broker.exposure + platform:sourceControl.broker.enabled",
  ],
  [
    "a broker that cannot administer Keycloak",
    { kpaas: releases["v1.6.0"], keycloak: { external }, sourceControl: everything },
    "sourceControl.broker.enabled + platform:keycloak.external",
  ],
];

test.each(impossible)("%s is refused", (_, sections, path) => {
  const found = problemsOf(sections, { stack: "dev", secretKeys: ["keycloak", "sourceControl"] });
  expect(found.map((problem) => problem.path)).toContain(`platform:${path}`);
});

test("what can work is not refused", () => {
  const settings = settingsOf(
    { kpaas: releases["v1.6.0"], sourceControl: everything },
    { stack: "dev", secretKeys: ["sourceControl"] },
  );
  expect(sourceControlRules({ settings, configured: {} })).toEqual([]);
});

test("an administrator with a public password is worth a warning, one with an own password is not", () => {
  const warnings = (sourceControl: Section) =>
    settingsWarnings(
      settingsOf({ kpaas: releases["v1.6.0"], sourceControl }, { stack: "dev", secretKeys: ["sourceControl"] }),
    ).filter((warning) => warning.startsWith("platform:sourceControl"));
  expect(warnings({ enabled: true })).toEqual([expect.stringContaining("read and change all repositories")]);
  expect(warnings(everything)).toEqual([]);
  expect(warnings({ ...everything, imageGate: "await" })).toEqual([expect.stringContaining("fails after")]);
  expect(warnings({ enabled: false })).toEqual([]);
});
