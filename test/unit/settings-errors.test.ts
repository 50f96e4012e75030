import { parseSettings } from "../../stacks/settings";
import { errorOf, problemsOf } from "./settings-support";

const digest = "sha256:123";

/** What somebody might write, the path that the report has to name, and words that have to be in it. */
const mistakes: [title: string, configured: Record<string, unknown>, path: string, words: string[]][] = [
  [
    "a misspelt section",
    { openchekcer: {} },
    "platform:openchekcer",
    ["no such section", "Did you mean `openchecker` (platform:openchecker)?"],
  ],
  ["a section that is far from all others", { grafana: {} }, "platform:grafana", ["Remove `grafana`", "rabbitmq"]],
  [
    "a misspelt key",
    { openchecker: { agents: { replica: 5 } } },
    "platform:openchecker.agents.replica",
    ["no such setting", "Did you mean `replicas` (platform:openchecker.agents.replicas)?"],
  ],
  [
    "a number in quotes",
    { openchecker: { agents: { replicas: "5" } } },
    "platform:openchecker.agents.replicas",
    [
      'the text "5"',
      "a whole number from 0 to 500",
      "pulumi config set --path 'platform:openchecker.agents.replicas' 5",
    ],
  ],
  [
    "a boolean in quotes",
    { lifecycle: { protectData: "true" } },
    "platform:lifecycle.protectData",
    ["true or false", "without quotes"],
  ],
  [
    "a number where text belongs",
    { images: { overrides: { rabbitmq: { tag: 4 } } } },
    "platform:images.overrides.rabbitmq.tag",
    ["the number 4", "in quotes"],
  ],
  [
    "a number out of range",
    { rabbitmq: { consumerTimeoutMinutes: 5 } },
    "platform:rabbitmq.consumerTimeoutMinutes",
    ["the number 5", "from 30 to 1440"],
  ],
  [
    "a fraction",
    { openchecker: { main: { replicas: 1.5 } } },
    "platform:openchecker.main.replicas",
    ["a whole number"],
  ],
  ["an even number of brokers", { rabbitmq: { replicas: 2 } }, "platform:rabbitmq.replicas", ["one of 1, 3"]],
  [
    "a misspelt choice",
    { openchecker: { exposure: { type: "nodeport" } } },
    "platform:openchecker.exposure.type",
    ["clusterIp, nodePort, loadBalancer, ingress", "Did you mean nodePort?"],
  ],
  [
    "a key of another variant",
    { openchecker: { exposure: { type: "nodePort", host: "example.org" } } },
    "platform:openchecker.exposure.host",
    ["no such setting", "the keys type, nodePort"],
  ],
  [
    "a variant without what it needs",
    { openchecker: { exposure: { tls: { from: "secret" } } } },
    "platform:openchecker.exposure.tls.secretName",
    ["missing"],
  ],
  [
    "a host with a scheme",
    { openchecker: { exposure: { host: "https://example.org" } } },
    "platform:openchecker.exposure.host",
    ["without scheme", 'for example "openchecker.example.org"'],
  ],
  [
    "an address range with a typing error",
    { openchecker: { agents: { egress: { callbackCidrs: ["10.0.0.0/8", "10.1.0.0/33"] } } } },
    "platform:openchecker.agents.egress.callbackCidrs[1]",
    ['"10.1.0.0/33"', "CIDR"],
  ],
  [
    "a quantity with a unit that Kubernetes does not know",
    { openchecker: { agents: { resources: { limits: { memory: "8GB" } } } } },
    "platform:openchecker.agents.resources.limits.memory",
    ['"8GB"', "an amount of memory"],
  ],
  ["a relative path", { nfs: { path: "data" } }, "platform:nfs.path", ["an absolute path"]],
  ["a plain http API server", { cluster: { server: "http://10.0.0.1" } }, "platform:cluster.server", ["an https URL"]],
  [
    "a namespace of the cluster itself",
    { openchecker: { namespace: "kube-system" } },
    "platform:openchecker.namespace",
    ["other than `default` and `kube-…`"],
  ],
  [
    "an unknown image",
    { images: { overrides: { "openchecker-agents": { tag: "v1" } } } },
    "platform:images.overrides.openchecker-agents",
    ["Did you mean `openchecker-agent`"],
  ],
  [
    "the tag latest",
    { images: { overrides: { rabbitmq: { tag: "latest" } } } },
    "platform:images.overrides.rabbitmq.tag",
    ["other than `latest`"],
  ],
  [
    "half a digest",
    { images: { overrides: { rabbitmq: { digest } } } },
    "platform:images.overrides.rabbitmq.digest",
    ["64 lower-case hex digits"],
  ],
  [
    "a pool whose Deployment would have too long a name",
    { openchecker: { agents: { pools: { ["x".repeat(46)]: {} } } } },
    `platform:openchecker.agents.pools.${"x".repeat(46)}`,
    ["at most 45 characters"],
  ],
  [
    "text where a section belongs",
    { rabbitmq: "{replicas: 3" },
    "platform:rabbitmq",
    ["an object with the keys external, namespace", "--path 'platform:rabbitmq.<key>'"],
  ],
  ["an empty section", { lifecycle: null }, "platform:lifecycle", ["an empty value (null)", "an object with the keys"]],
  ["a list where an object belongs", { nfs: ["a"] }, "platform:nfs", ["a list of 1", "an object"]],
  ["an unknown preset", { preset: "production" }, "platform:preset", ['the text "production"', "one of dev, prod"]],
];

test.each(mistakes)("%s is reported with its path, what is allowed and a hint", (_, configured, path, words) => {
  const problems = problemsOf(configured);

  expect(problems.map((each) => each.path)).toEqual([path]);
  for (const word of words) {
    expect(problems[0]?.text).toContain(word);
  }
});

test("a missing context is reported by name and with an example", () => {
  const parse = () => parseSettings({ stack: "dev", configured: {}, secretKeys: new Set() });

  expect(parse).toThrow(/platform:cluster\.context\s+problem\s+This setting is missing\.[\s\S]*"platform-prod"/);
});

test("a stack that is named differently has to choose its preset, and nothing else is complained about", () => {
  expect(problemsOf({}, { stack: "staging" })).toEqual([
    { path: "platform:preset", text: expect.stringContaining("pulumi config set --stack staging platform:preset") },
  ]);
});

test("everything is reported at once, single values and combinations", () => {
  const paths = problemsOf({
    nope: {},
    preset: "prodd",
    cluster: { context: "" },
    rabbitmq: { replicas: 2, resources: { requests: { memory: "8Gi" } } },
    openchecker: { agents: { replicas: "5", autoscaling: { type: "cpu", minReplicas: 4, maxReplicas: 2 } } },
  }).map(({ path }) => path);

  expect(paths.sort()).toEqual([
    "platform:cluster.context",
    "platform:nope",
    "platform:openchecker.agents.autoscaling.minReplicas + platform:openchecker.agents.autoscaling.maxReplicas",
    "platform:openchecker.agents.replicas",
    "platform:preset",
    "platform:rabbitmq.replicas",
    "platform:rabbitmq.resources.requests.memory + platform:rabbitmq.resources.limits.memory",
  ]);
});

test("a combination is not complained about when one of its values is wrong by itself", () => {
  const paths = problemsOf({
    cluster: { capabilities: { keda: "true" } },
    openchecker: { agents: { autoscaling: { type: "queue", minReplicas: 0, maxReplicas: 9 } } },
  }).map(({ path }) => path);

  expect(paths).toEqual(["platform:cluster.capabilities.keda"]);
});

test("the report counts, numbers, and says where to edit and that nothing was registered", () => {
  const { message } = errorOf({ nope: {}, rabbitmq: { replicas: 2 } });

  expect(message).toMatch(/^The settings of stack "prod" have 2 problems\. Nothing was registered\./);
  expect(message).toContain(
    "1. platform:rabbitmq.replicas\n     problem  This value is not allowed.\n     given    the number 2",
  );
  expect(message).toContain("2. platform:nope");
  expect(message).toMatch(
    /Edit Pulumi\.prod\.yaml, or use `pulumi config set --stack prod --path .*docs\/settings\.md/,
  );
});

test("names that need it are quoted as `pulumi config set --path` wants them", () => {
  const [problem] = problemsOf({ openchecker: { agents: { nodeSelector: { "example.org/disk": true } } } });

  expect(problem?.path).toBe('platform:openchecker.agents.nodeSelector["example.org/disk"]');
});

test("a key outside the namespaces that somebody reads is refused, with the one that was meant", () => {
  const parse = (foreignKeys: string[]) => () =>
    parseSettings({
      stack: "dev",
      configured: { cluster: { context: "c" } },
      secretKeys: new Set(),
      foreignKeys,
    });

  expect(parse(["plaform:openchecker"])).toThrow(/1\. plaform:openchecker\n[\s\S]*Did you mean `platform:openchecker`/);
  expect(parse(["kubernetes:context"])).toThrow(/remove `kubernetes:context`/i);
  expect(parse([])).not.toThrow();
});
