import { find, renderSettings } from "../support/render-settings";
import { problemsOf } from "./settings-support";

interface Pod {
  readonly initContainers: readonly { readonly name: string }[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}

function podOf(manifests: Awaited<ReturnType<typeof renderSettings>>): Pod {
  const { template } = find(manifests, "Deployment", "openchecker-agent")["spec"] as { template: { spec: Pod } };
  return template.spec;
}

test("workers get the token that the platform's own SonarQube makes, and may reach that server", async () => {
  const manifests = await renderSettings({ sonarqube: {} });
  const pod = podOf(manifests);
  expect(pod.initContainers.map(({ name }) => name)).toContain("sonarqube-token");
  expect(pod.volumes.find(({ name }) => name === "sonarqube-token")?.secret?.secretName).toBe(
    find(manifests, "Secret", "sonarqube-openchecker-token").metadata.name,
  );
  const policy = find(manifests, "NetworkPolicy", "network-openchecker-openchecker-agent");
  expect(JSON.stringify(policy["spec"])).toContain('"kubernetes.io/metadata.name":"sonarqube"');
});

test("a SonarQube of somebody else takes its place", async () => {
  const external = {
    host: "sonar.example.org",
    cidrs: ["203.0.113.9/32"],
    username: "someone",
    password: "not-to-be-shown",
    token: "not-to-be-shown",
  };
  const manifests = await renderSettings({ sonarqube: {}, openchecker: { sonarqube: { external } } }, ["openchecker"]);
  expect(manifests.filter(({ metadata }) => metadata.namespace === "sonarqube")).toEqual([]);
  expect(podOf(manifests).initContainers.map(({ name }) => name)).not.toContain("sonarqube-token");
  expect(JSON.stringify(manifests)).not.toContain("not-to-be-shown");
});

test("without SonarQube nothing of it is there, and the workers are", async () => {
  const manifests = await renderSettings({ sonarqube: { enabled: false } });
  expect(manifests.filter(({ metadata }) => metadata.namespace === "sonarqube")).toEqual([]);
  expect(podOf(manifests).volumes.map(({ name }) => name)).not.toContain("sonarqube-token");
});

test("an external database takes the place of the platform's own", async () => {
  const external = { host: "db.example.org", cidrs: ["203.0.113.9/32"], password: "not-to-be-shown" };
  const manifests = await renderSettings({ sonarqube: { database: { external } } }, ["sonarqube"]);
  expect(manifests.filter(({ metadata }) => metadata.name.startsWith("postgres"))).toEqual([]);
  expect(JSON.stringify(find(manifests, "NetworkPolicy", "network-sonarqube-sonarqube")["spec"])).toContain(
    "203.0.113.9/32",
  );
});

test("analyses through an ingress may be large and take long", async () => {
  const exposure = { type: "ingress", host: "sonarqube.example.org", tls: { from: "selfMade" } };
  const manifests = await renderSettings({ sonarqube: { exposure } });
  expect(find(manifests, "Ingress", "sonarqube").metadata.annotations).toMatchObject({
    "nginx.ingress.kubernetes.io/proxy-body-size": "200m",
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
  });
});

test("heaps that do not fit the memory are refused", () => {
  expect(problemsOf({ sonarqube: { heaps: { web: 3000 } } })).toEqual([
    {
      path: "platform:sonarqube.heaps + platform:sonarqube.resources.limits.memory",
      text: expect.stringContaining("5560 MiB"),
    },
  ]);
});

test.each([
  [
    "a secret",
    { "sonar.auth.github.clientSecret.secured": "x" },
    'serverSettings["sonar.auth.github.clientSecret.secured"]',
  ],
  ["a name that is none", { forceAuthentication: "false" }, "serverSettings.forceAuthentication"],
])("%s is no setting of the server that may stand in plain text", (_, serverSettings, path) => {
  const problems = problemsOf({ sonarqube: { serverSettings } });
  expect(problems.map((each) => each.path.replaceAll(/^platform:sonarqube\./g, ""))).toEqual([path]);
});

test("what has a setting of its own is not set twice", () => {
  const problems = problemsOf({ sonarqube: { serverSettings: { "sonar.forceAuthentication": "false" } } });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.path).toContain("sonarqube.forceAuthentication");
});
