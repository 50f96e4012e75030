import { settingsWarnings } from "../../stacks/settings";
import { sampleAuthority } from "../support/sample-pem";
import { problemsOf, settingsOf, withoutKpaas } from "./settings-support";

const ingress = { type: "ingress", host: "api.example.com", tls: { from: "selfMade" } };

const combinations: [title: string, kubekloud: Record<string, unknown>, paths: string[], words: string][] = [
  [
    "more pods than the database has connections for",
    { scaling: { type: "utilization", maxReplicas: 20 } },
    ["database.maxConnections", "scaling.maxReplicas"],
    "325",
  ],
  [
    "a database with too few connections for a fixed number of pods",
    { scaling: { type: "fixed", replicas: 5 }, database: { maxConnections: 90 } },
    ["database.maxConnections", "scaling.replicas"],
    "100",
  ],
  [
    "fewer pods at most than at least",
    { scaling: { type: "utilization", minReplicas: 4, maxReplicas: 3 } },
    ["scaling.minReplicas", "scaling.maxReplicas"],
    "minReplicas",
  ],
  ["a namespace with a tenant's name", { namespace: "kubekloud-ns" }, ["namespace"], "another name"],
  ["an image outside of any project", { image: { repository: "api" } }, ["image.repository"], "kubekloud/api"],
  ["an image of another registry", { image: { repository: "ghcr.io/a/b" } }, ["image.repository"], "project of Harbor"],
  [
    "a load balancer for everybody",
    { exposure: { type: "loadBalancer", allowedSources: [] } },
    ["exposure.allowedSources", "userAdministration.open"],
    "asks for no login",
  ],
  [
    "a load balancer for the whole Internet, in so many words",
    { exposure: { type: "loadBalancer", allowedSources: ["10.0.0.0/8", "0.0.0.0/0"] } },
    ["exposure.allowedSources", "userAdministration.open"],
    "less than everybody",
  ],
  [
    "administrators that are everybody",
    { exposure: ingress, userAdministration: { allowedSources: ["::/0"] } },
    ["userAdministration.allowedSources"],
    "asks for no login",
  ],
  [
    "a node port",
    { exposure: { type: "nodePort" } },
    ["exposure.type", "userAdministration.open"],
    "asks for no login",
  ],
  [
    "administrators that a load balancer cannot tell from others",
    { userAdministration: { allowedSources: ["10.0.0.0/24"] } },
    ["userAdministration.allowedSources", "exposure.type"],
    "Only an ingress",
  ],
  [
    "more memory requested than allowed",
    { resources: { requests: { memory: "2Gi" } } },
    ["resources.requests.memory", "resources.limits.memory"],
    "limit",
  ],
  [
    "a container that gets more than its namespace",
    { tenants: { quota: { cpu: "1" }, containerDefaults: { cpu: 2 } } },
    ["tenants.containerDefaults.cpu", "tenants.quota.cpu"],
    "namespace",
  ],
];

test.each(combinations)("%s is refused", (_, kubekloud, paths, words) => {
  const problems = problemsOf({ kubekloud }, { stack: "dev" });

  expect(problems.map(({ path }) => path)).toEqual([paths.map((path) => `platform:kubekloud.${path}`).join(" + ")]);
  expect(problems[0]?.text).toContain(words);
});

test.each([
  ["a check of the certificate without an authority", {}, ["sslmode", "certificateAuthority"], "require"],
  [
    "an authority that nobody asks",
    { sslmode: "require", certificateAuthority: sampleAuthority },
    ["sslmode", "certificateAuthority"],
    "verify-full",
  ],
  [
    "a host that looks like SQLite",
    { host: "sqlite.example.org", certificateAuthority: sampleAuthority },
    ["host"],
    "takes the server for SQLite",
  ],
  ["a database that no URL can name", { sslmode: "disable", database: ".." }, ["database"], "neither . nor .."],
  ["a database that looks like SQLite", { sslmode: "disable", database: "from_sqlite" }, ["database"], "another name"],
])("an external server with %s is refused", (_, settings, keys, words) => {
  const external = { host: "db.example.org", cidrs: ["10.1.0.0/24"], password: "p", ...settings };
  const problems = problemsOf({ kubekloud: { database: { external } } }, { stack: "dev", secretKeys: ["kubekloud"] });

  expect(problems.map(({ path }) => path)).toEqual([
    keys.map((key) => `platform:kubekloud.database.external.${key}`).join(" + "),
  ]);
  expect(problems[0]?.text).toContain(words);
});

test("administrators are told from others by ingress-nginx only", () => {
  const sections = (className: string, allowedSources: string[]) => ({
    cluster: { ingress: { className } },
    kubekloud: { exposure: ingress, userAdministration: { allowedSources } },
  });
  expect(problemsOf(sections("traefik", ["10.1.0.0/24"]), { stack: "dev" }).map(({ path }) => path)).toEqual([
    "platform:kubekloud.userAdministration.allowedSources + platform:cluster.ingress.className",
  ]);
  for (const accepted of [sections("traefik", []), sections("nginx-internal", ["10.1.0.0/24"])]) {
    expect(settingsOf(accepted, { stack: "dev" }).kubekloud.enabled).toBe(true);
  }
});

test("the API needs a registry, and its project there", () => {
  const without = { ...withoutKpaas, harbor: { enabled: false } };
  expect(problemsOf(without, { stack: "dev" }).map(({ path }) => path)).toEqual([
    "platform:kubekloud.enabled + platform:harbor.enabled",
  ]);
  const elsewhere = { kubekloud: { image: { repository: "tools/api" } } };
  expect(problemsOf(elsewhere, { stack: "dev" }).map(({ path }) => path)).toEqual([
    "platform:kubekloud.image.repository + platform:harbor.projects",
  ]);
});

test("no system of the platform lives in a namespace that the API may delete", () => {
  expect(problemsOf({ harbor: { namespace: "harbor-ns" } }, { stack: "dev" }).map(({ path }) => path)).toEqual([
    "platform:harbor.namespace",
  ]);
});

test("the defaults are those of the seed, and nothing is open to everybody", () => {
  const { kubekloud } = settingsOf({});
  expect(kubekloud).toMatchObject({
    namespace: "kubekloud-api",
    image: { repository: "kubekloud/api", tag: "latest" },
    scaling: { type: "utilization", minReplicas: 2, maxReplicas: 10, cpuPercent: 70, memoryPercent: 80 },
    exposure: { type: "loadBalancer", allowedSources: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] },
    resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
    database: { storage: { size: "10Gi" } },
    userAdministration: { open: false },
    imageGate: "skip",
  });
});

test("whoever opens the user administration may use every exposure", () => {
  for (const exposure of [{ type: "nodePort" }, { type: "loadBalancer", allowedSources: [] }]) {
    const kubekloud = { exposure, userAdministration: { open: true } };
    expect(settingsOf({ kubekloud }).kubekloud.exposure.type).toBe(exposure.type);
  }
});

test("what is open, unencrypted or slow is pointed out", () => {
  const warnings = (kubekloud: Record<string, unknown>) =>
    settingsWarnings(settingsOf({ kubekloud })).filter((text) => text.startsWith("platform:kubekloud"));
  const exposure = { type: "ingress", host: "api.example.com", tls: { from: "none" } };
  expect(warnings({ exposure: { type: "clusterIp" } })).toEqual([]);
  expect(warnings({})).toEqual([
    expect.stringContaining("192.168.0.0/16: everybody there can list and create users"),
    expect.stringContaining("exposure.type is loadBalancer: bearer tokens travel"),
  ]);
  expect(warnings({ exposure, imageGate: "await", userAdministration: { open: true } })).toEqual([
    expect.stringContaining("userAdministration.open"),
    expect.stringContaining("exposure.tls.from"),
    expect.stringContaining("imageGate is await"),
  ]);
});
