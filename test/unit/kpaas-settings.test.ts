import { settingsWarnings } from "../../stacks/settings";
import { kpaasRules } from "../../stacks/settings/kpaas-rules";
import { sampleSshKey } from "../support/sample-pem";
import { problemsOf, settingsOf } from "./settings-support";

const key = sampleSshKey();
const terraman = { enabled: true, sshPrivateKey: key, machines: ["10.9.0.0/16"] };

/** The problems of a stack with K-PaaS, given its settings and those of other sections. */
const problems = (kpaas: Record<string, unknown>, others: Record<string, unknown> = {}) =>
  problemsOf(
    { ...others, kpaas: { enabled: true, domain: "apps.example.org", ...kpaas } },
    { stack: "dev", secretKeys: ["kpaas"] },
  );

const combinations: [title: string, kpaas: Record<string, unknown>, paths: string[], words: string][] = [
  [
    "node ports of unknown nodes",
    { profile: "v1.4.1" },
    ["nodeAddress", "exposure"],
    "nobody knows the address of a node",
  ],
  [
    "a domain too long for a certificate",
    { domain: `${"a".repeat(60)}.example.org` },
    ["domain", "tls.from"],
    "62 characters",
  ],
  [
    "a namespace that the portal means something else by",
    { portal: { namespace: "kubernetes-dashboard" } },
    ["portal.namespace"],
    "another name",
  ],
  [
    "two pods of the Portal-API",
    { portal: { replicas: { "cp-portal-api": 2 } } },
    ["portal.replicas.cp-portal-api"],
    "Terraman copies",
  ],
  [
    "two pods on a volume of one node",
    { portal: { replicas: { "cp-portal-catalog-api": 2 } } },
    ["portal.replicas.cp-portal-catalog-api"],
    "volume",
  ],
  [
    "several pods of the UI that browsers are sent to at random",
    { portal: { replicas: { "cp-portal-ui": 2 } } },
    ["portal.replicas.cp-portal-ui", "portal.stickySessions"],
    "stickySessions to true",
  ],
  [
    "several pods of the UI behind a node port",
    {
      exposure: "nodePort",
      nodeAddress: "10.0.0.10",
      portal: { replicas: { "cp-portal-ui": 2 }, stickySessions: true },
    },
    ["portal.replicas.cp-portal-ui", "exposure"],
    "exposure ingress",
  ],
  [
    "applications that the release does not have",
    { profile: "v1.4.1", nodeAddress: "10.0.0.10", portal: { chaos: { enabled: true } } },
    ["portal.chaos.enabled", "profile"],
    "v1.6.0",
  ],
  [
    "Terraman without a node",
    { portal: { terraman } },
    ["nodeAddress", "portal.terraman.enabled"],
    "first control plane node",
  ],
  [
    "Terraman without a key",
    { nodeAddress: "10.0.0.10", portal: { terraman: { enabled: true, machines: ["10.9.0.0/16"] } } },
    ["portal.terraman.sshPrivateKey", "portal.terraman.enabled"],
    "it has no key",
  ],
  [
    "Terraman in a namespace where it looks for nothing",
    { nodeAddress: "10.0.0.10", portal: { namespace: "portal", terraman } },
    ["portal.namespace", "portal.terraman.enabled"],
    "cp-portal",
  ],
  [
    "a broker that nobody reaches",
    { portal: { broker: { enabled: true } } },
    ["portal.broker.exposure", "portal.broker.enabled"],
    "cloud controller",
  ],
  [
    "internal node ports without any node port",
    { portal: { internalNodePorts: true } },
    ["portal.internalNodePorts", "exposure"],
    "exposure nodePort",
  ],
  [
    "more memory requested than allowed",
    {
      portal: {
        resources: {
          "cp-portal-ui": { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "1", memory: "1Gi" } },
        },
      },
    },
    ["portal.resources.cp-portal-ui.requests.memory", "portal.resources.cp-portal-ui.limits.memory"],
    "limit",
  ],
];

test.each(combinations)("%s is refused", (_, kpaas, paths, words) => {
  const found = problems(kpaas);
  const path = paths.map((each) => `platform:kpaas.${each}`).join(" + ");
  expect(found.map((each) => each.path)).toContain(path);
  expect(found.find((each) => each.path === path)?.text).toContain(words);
});

test("hosts without a domain are refused", () => {
  const settings = settingsOf({ kpaas: { enabled: true, domain: "apps.example.org" } }, { stack: "dev" });
  const { domain: _, ...kpaas } = settings.kpaas;
  expect(kpaasRules({ settings: { ...settings, kpaas }, configured: {} })).toMatchObject([
    {
      paths: [
        ["kpaas", "domain"],
        ["kpaas", "exposure"],
      ],
    },
  ]);
});

test("images have to come from somewhere", () => {
  const found = problems({}, { harbor: { enabled: false }, kubekloud: { enabled: false } });
  expect(found.map(({ path }) => path)).toContain("platform:kpaas.enabled + platform:harbor.enabled");
});

test("a host of the portal belongs to nobody else", () => {
  const exposure = { type: "ingress", host: "portal.apps.example.org", tls: { from: "selfMade" } };
  const found = problems({}, { kubekloud: { exposure } });
  expect(found.map(({ path }) => path)).toContain("platform:kubekloud.exposure.host + platform:kpaas.domain");
});

test("a node port of the release belongs to nobody else", () => {
  const old = { profile: "v1.4.1", nodeAddress: "10.0.0.10" };
  const sonarqube = { exposure: { type: "nodePort", nodePort: 32710 } };
  const found = problems(old, { sonarqube });
  expect(found.map(({ path }) => path)).toContain("platform:sonarqube.exposure.nodePort + platform:kpaas.exposure");
});

test("an unencrypted or broken key is refused without being shown", () => {
  const [problem] = problems({ nodeAddress: "10.0.0.10", portal: { terraman: { ...terraman, sshPrivateKey: "abc" } } });
  expect(problem?.path).toBe("platform:kpaas.portal.terraman.sshPrivateKey");
  expect(problem?.text).toContain("a private key in PEM");
  expect(problem?.text).not.toContain("abc");
  const inPlain = problemsOf(
    { kpaas: { enabled: true, domain: "a.example.org", nodeAddress: "10.0.0.10", portal: { terraman } } },
    { stack: "dev" },
  );
  expect(inPlain.map(({ path }) => path)).toContain("platform:kpaas.portal.terraman.sshPrivateKey");
});

test("what weakens the portal is pointed out", () => {
  const warnings = (kpaas: Record<string, unknown>) =>
    settingsWarnings(settingsOf({ kpaas: { enabled: true, domain: "apps.example.org", ...kpaas } }, { stack: "dev" }))
      .filter((warning) => warning.startsWith("platform:kpaas."))
      .map((warning) => warning.split(" ")[0]);
  expect(warnings({})).toEqual([]);
  expect(
    warnings({
      profile: "v1.4.1",
      nodeAddress: "10.0.0.10",
      portal: { credentials: "builtIn", internalNodePorts: true, imageGate: "await" },
    }),
  ).toEqual([
    "platform:kpaas.exposure",
    "platform:kpaas.portal.credentials",
    "platform:kpaas.portal.internalNodePorts",
    "platform:kpaas.portal.imageGate",
  ]);
});

test("addresses that the portal shows to people and that lead nowhere outside are pointed out", () => {
  const warnings = (sections: Record<string, Record<string, unknown>>) =>
    settingsWarnings(
      settingsOf({ ...sections, kpaas: { enabled: true, domain: "apps.example.org", ...sections["kpaas"] } }),
    ).filter((warning) => warning.startsWith("The portal"));
  const kubeconfig = expect.stringContaining("platform:kpaas.hostCluster.apiUrl");
  const charts = expect.stringContaining("platform:chartmuseum.exposed");
  const reached = { hostCluster: { apiUrl: "https://203.0.113.10:6443" } };
  expect(warnings({})).toEqual([kubeconfig]);
  expect(warnings({ kpaas: { hostCluster: { apiUrl: "https://kubernetes.default.svc" } } })).toEqual([kubeconfig]);
  expect(warnings({ cluster: { server: "https://203.0.113.10:6443" } })).toEqual([]);
  expect(warnings({ kpaas: reached })).toEqual([]);
  expect(warnings({ kpaas: reached, chartmuseum: { exposed: false } })).toEqual([charts]);
  const byNode = { ...reached, exposure: "nodePort", nodeAddress: "203.0.113.1" };
  expect(warnings({ kpaas: byNode })).toEqual([charts]);
  expect(warnings({ kpaas: { ...byNode, profile: "v1.4.1" } })).toEqual([]);
});
