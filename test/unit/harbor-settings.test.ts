import { UNKNOWN_SECRET } from "../../stacks/settings/secrets";
import { problemsOf, settingsOf, withoutKpaas } from "./settings-support";

/** The systems that take their images from Harbor. */
const withoutUsers = { ...withoutKpaas, kubekloud: { enabled: false } };

const combinations: [title: string, harbor: Record<string, unknown>, paths: string[], words: string][] = [
  [
    "several registries on a volume of one node",
    { replicas: { registry: 2 } },
    ["replicas.registry", "storage.accessMode"],
    "ReadWriteMany",
  ],
  [
    "several job services on a volume of one node",
    { replicas: { jobservice: 2 } },
    ["replicas.jobservice", "jobservice.logs.accessMode"],
    "inDatabase",
  ],
  [
    "an ingress for an address",
    { host: "192.0.2.7", exposure: { type: "ingress", tls: { from: "selfMade" } } },
    ["host", "exposure.type"],
    "host name",
  ],
  [
    "HTTPS that says HTTP",
    { exposure: { type: "nodePort", tls: { from: "selfMade" } }, externalUrl: "http://registry.example.org" },
    ["externalUrl", "exposure.tls.from"],
    "https",
  ],
  [
    "one node port for two",
    { exposure: { type: "nodePort", httpPort: 30003, tls: { from: "selfMade" } } },
    ["exposure.httpPort", "exposure.httpsPort"],
    "node port",
  ],
  [
    "a retention rule without its number",
    { projects: { kubekloud: { retention: { rules: [{ keep: "latestPushedK" }] } } } },
    ["projects.kubekloud.retention.rules[0].keep", "projects.kubekloud.retention.rules[0].count"],
    "count",
  ],
  [
    "more memory requested than allowed",
    { resources: { core: { requests: { memory: "2Gi" } } } },
    ["resources.core.requests.memory", "resources.core.limits.memory"],
    "limit",
  ],
];

test.each(combinations)("%s is refused", (_, harbor, paths, words) => {
  const problems = problemsOf({ harbor }, { stack: "dev" });

  expect(problems.map(({ path }) => path)).toEqual([paths.map((path) => `platform:harbor.${path}`).join(" + ")]);
  expect(problems[0]?.text).toContain(words);
});

test("an ingress with an issuer needs cert-manager", () => {
  const exposure = { type: "ingress", tls: { from: "issuer", issuer: "letsencrypt" } };
  expect(problemsOf({ harbor: { exposure } }, { stack: "dev" }).map(({ path }) => path)).toEqual([
    "platform:harbor.exposure.tls.from + platform:cluster.capabilities.certManager",
  ]);
});

test("a password that would break the connection string of the database is refused, and not shown", () => {
  const database = (password: string) => ({
    database: { external: { host: "db.example.org", username: "harbor", password, cidrs: ["10.1.0.0/24"] } },
  });
  const options = { secretKeys: ["harbor"] };
  const problems = problemsOf({ harbor: database("it's secret") }, options);
  expect(problems.map(({ path }) => path)).toEqual(["platform:harbor.database.external.password"]);
  expect(problems[0]?.text).toContain("of letters, digits and `_ . ~ -` only");
  expect(problems[0]?.text).not.toContain("it's");
  for (const password of ["Letters_and.digits~1-2", UNKNOWN_SECRET]) {
    expect(() => settingsOf({ harbor: database(password) }, options)).not.toThrow();
  }
});

test("an authority behind the certificate has to be one", () => {
  const tls = { from: "secret", secretName: "our-tls", certificateAuthority: "-----BEGIN CERTIFICATE-----\nx" };
  for (const exposure of [
    { type: "loadBalancer", tls },
    { type: "ingress", tls },
  ]) {
    expect(problemsOf({ harbor: { exposure } }).map(({ path }) => path)).toEqual([
      "platform:harbor.exposure.tls.certificateAuthority",
    ]);
  }
});

const atNodePort = { exposure: { type: "nodePort", nodePort: 30002 } };
const openAtNodePort = { ...atNodePort, userAdministration: { open: true } };
const externalRegistry = {
  host: "registry.example.org",
  cidrs: ["10.1.0.0/24"],
  pull: { username: "u", password: "p" },
};

test.each([
  [
    "Harbor and KubeKloud",
    { kubekloud: openAtNodePort },
    "harbor.exposure.httpPort + platform:kubekloud.exposure.nodePort",
  ],
  [
    "OpenChecker and KubeKloud without a Harbor of our own",
    {
      harbor: { external: externalRegistry },
      kubekloud: openAtNodePort,
      openchecker: atNodePort,
      pipeline: { enabled: false },
    },
    "openchecker.exposure.nodePort + platform:kubekloud.exposure.nodePort",
  ],
])("%s cannot share a node port", (_, configured, path) => {
  const problems = problemsOf(configured, { stack: "dev", secretKeys: ["harbor"] });
  expect(problems.map((each) => each.path)).toEqual([`platform:${path}`]);
});

test("Harbor and another system cannot share a host or a namespace", () => {
  const configured = {
    openchecker: { namespace: "harbor-system", exposure: { host: "one.example.org" } },
    harbor: { host: "one.example.org", exposure: { type: "ingress", tls: { from: "selfMade" } } },
  };
  expect(problemsOf(configured, { stack: "dev" }).map(({ path }) => path)).toEqual([
    "platform:openchecker.namespace + platform:harbor.namespace",
    "platform:openchecker.exposure.host + platform:harbor.host",
  ]);
});

test.each([
  ["a registry that somebody else runs", { external: externalRegistry }],
  ["Harbor switched off", { enabled: false }],
])("%s takes no part in combinations", (_, harbor) => {
  const configured = { harbor: { oidc: { enabled: false }, ...harbor, replicas: { registry: 2 } }, ...withoutUsers };
  const settings = settingsOf(configured, { secretKeys: ["harbor"] });
  expect(settings.harbor.replicas.registry).toBe(2);
});

test("one project of the seed, private and scanned, with accounts that end", () => {
  const { projects, robots } = settingsOf({}).harbor;
  expect(Object.keys(projects)).toEqual(["kubekloud"]);
  expect(projects["kubekloud"]).toMatchObject({ public: false, autoScan: true });
  expect(robots).toEqual({ cluster: { expiryDays: 365, rotation: 1 }, ci: { expiryDays: 365, rotation: 1 } });
});

test.each([
  [
    "a banner that ends before it begins",
    { banner: { message: "m", from: "2027-02-01", to: "2027-01-31" } },
    "banner.to",
  ],
  ["a day that does not exist", { banner: { message: "m", from: "2027-02-30", to: "2027-03-31" } }, "banner.from"],
  ["an audit log that is kept nowhere", { auditLogInDatabase: false }, "auditLogInDatabase"],
  ["a session without end", { sessionMinutes: 0 }, "sessionMinutes"],
])("%s is refused", (_, system, path) => {
  const problems = problemsOf({ harbor: { oidc: { enabled: false }, system } }, { stack: "dev" });
  expect(problems.map((each) => each.path)).toEqual([`platform:harbor.system.${path}`]);
});

test("strangers cannot make accounts where accounts come from the provider", () => {
  const problems = problemsOf(
    { harbor: { oidc: { enabled: true }, system: { selfRegistration: true } } },
    { stack: "dev" },
  );
  expect(problems.map((each) => each.path)).toEqual([
    "platform:harbor.system.selfRegistration + platform:harbor.oidc.enabled",
  ]);
});
