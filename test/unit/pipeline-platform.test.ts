import { checkManifests } from "../../policy/check";
import { settingsWarnings } from "../../stacks/settings";
import { pipelineRules } from "../../stacks/settings/pipeline-rules";
import { environmentOf } from "../support/portal-suite";
import { find, renderSettings } from "../support/render-settings";
import { problemsOf, settingsOf } from "./settings-support";

type Section = Readonly<Record<string, unknown>>;

const releases = {
  "v1.4.1": { enabled: true, profile: "v1.4.1", nodeAddress: "10.0.0.10" },
  "v1.6.0": { enabled: true, domain: "apps.example.org" },
} as const;

const cloudFoundry = { url: "https://api.cf.example.org", cidrs: ["198.51.100.7/32"] };
const broker = { enabled: true, exposure: { type: "nodePort" } };
const row = { label: "master", application: "cp-pipeline-ui", profile: "prod", key: "name", value: "it's" };
const everything = {
  enabled: true,
  broker,
  cloudFoundry,
  properties: [row],
  jenkins: { builds: "privileged", image: { tag: "v1.6.0" }, plugins: { from: "image" } },
};

const sections = (kpaas: Section, pipeline: Section): Record<string, Section> => ({
  openchecker: {},
  sonarqube: { enabled: true },
  harbor: {},
  kpaas,
  pipeline,
});

const render = (kpaas: Section, pipeline: Section) => renderSettings(sections(kpaas, pipeline), ["pipeline"]);

test.each(Object.entries(releases))("the suite with all of %s keeps to every rule of the policy", async (_, kpaas) => {
  const manifests = await render(kpaas, everything);
  const inSuite = checkManifests(manifests).filter(({ message }) => message.includes("cp-pipeline"));
  expect(inSuite.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
  expect(find(manifests, "Namespace", "cp-pipeline").metadata.labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "privileged",
  });
});

test("the suite meets the other systems where they are", async () => {
  const manifests = await render(releases["v1.6.0"], { enabled: true });
  expect(environmentOf(manifests, "cp-pipeline-ui", "cp-pipeline")).toMatchObject({
    KEYCLOAK_URL: "https://keycloak.apps.example.org",
    KEYCLOAK_CP_CLIENT_ID: "cp-pipeline-client",
    KEYCLOAK_CLUSTER_ADMIN_ROLE: "cp-cluster-admin-role",
  });
  expect(environmentOf(manifests, "cp-pipeline-inspection-api", "cp-pipeline")).toMatchObject({
    INSPECTION_ADMIN_ID: "admin",
    INSPECTION_SERVER_URL: "http://sonarqube.sonarqube.svc.cluster.local:9000",
  });
  expect(environmentOf(manifests, "cp-pipeline-config-server", "cp-pipeline")).toMatchObject({
    DATABASE_URL: "mariadb.mariadb.svc.cluster.local:3306",
    DATABASE_USER_ID: "cp-pipeline-config-server",
  });
  expect(find(manifests, "Namespace", "cp-pipeline").metadata.labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "restricted",
  });
});

test("builds reach a registry behind an ingress through the ingress controller", async () => {
  const exposure = { type: "ingress", tls: { from: "selfMade" } };
  const configured = { ...sections(releases["v1.6.0"], { enabled: true }), harbor: { exposure } };
  const manifests = await renderSettings(configured, ["pipeline"]);
  const { spec } = find(manifests, "NetworkPolicy", "network-cp-pipeline-cp-pipeline-jenkins-deployment");
  const egress = JSON.stringify((spec as { egress: unknown }).egress);
  expect(egress).toContain('"kubernetes.io/metadata.name":"ingress-nginx"');
  expect(egress).not.toContain('"kubernetes.io/metadata.name":"harbor-system"');
});

const reasonsOf = (settings: Record<string, Section>) => problemsOf(settings).map(({ text }) => text);

test.each<[what: string, kpaas: Section, pipeline: Section, others: Record<string, Section>, reason: string]>([
  ["K-PaaS", { enabled: false }, {}, {}, "from K-PaaS, which is switched off"],
  ["SonarQube", releases["v1.6.0"], {}, { sonarqube: { enabled: false } }, "installs with OpenChecker"],
  ["OpenChecker", releases["v1.6.0"], {}, { openchecker: { enabled: false } }, "installs with OpenChecker"],
  ["an exposure of the broker", releases["v1.6.0"], { broker: { enabled: true }, cloudFoundry }, {}, "from where"],
  ["a Cloud Foundry", releases["v1.6.0"], { broker }, {}, "API of its Cloud Foundry"],
  ["node ports", releases["v1.6.0"], { internalNodePorts: true }, {}, "nothing is at ports of the nodes"],
  [
    "an open Jenkins on every node",
    releases["v1.4.1"],
    { internalNodePorts: true, jenkins: { access: "open" } },
    {},
    "could run anything in Jenkins",
  ],
  ["one value each", releases["v1.6.0"], { properties: [row, { ...row, value: "other" }] }, {}, "Two rows"],
  [
    "the plugin that closes Jenkins",
    releases["v1.6.0"],
    { jenkins: { plugins: { from: "updateSite", list: ["git:5.7.0"] } } },
    {},
    "ask nobody for a login",
  ],
])("without %s it is refused", (_, kpaas, pipeline, others, reason) => {
  const settings = { ...sections(kpaas, { enabled: true, ...pipeline }), ...others };
  expect(reasonsOf(settings)).toContainEqual(expect.stringContaining(reason));
});

test("a suite that is switched off, and one with all that it needs, are fine", () => {
  const rulesOf = (pipeline: Section) => {
    const configured = sections(releases["v1.6.0"], pipeline);
    return pipelineRules({ settings: settingsOf(configured), configured });
  };
  expect(rulesOf({ enabled: false, broker: { enabled: true } })).toEqual([]);
  expect(rulesOf(everything)).toEqual([]);
});

test("a value with a line break is refused, since the database would", () => {
  const pipeline = { enabled: true, properties: [{ ...row, value: "a\nb" }] };
  expect(JSON.stringify(problemsOf(sections(releases["v1.6.0"], pipeline)))).toContain("properties");
});

test("what opens Jenkins or its node is a warning", () => {
  const warnings = (jenkins: Section) =>
    settingsWarnings(settingsOf(sections(releases["v1.6.0"], { enabled: true, jenkins }))).filter((text) =>
      text.includes("platform:pipeline"),
    );
  expect(warnings({})).toEqual([]);
  expect(warnings({ builds: "privileged", access: "open" })).toHaveLength(2);
});
