import { problemsOf, settingsOf } from "./settings-support";

const scaled = { type: "cpu", minReplicas: 1, maxReplicas: 5 };
const queue = { type: "queue", minReplicas: 0, maxReplicas: 5 };
const sonar = { host: "sonar.example.org", cidrs: ["10.1.0.0/16"], username: "u", password: "p", token: "t" };

/** Other systems of the preset that take part in the combination as well. */
const withoutOthers = { sonarqube: { enabled: false }, pipeline: { enabled: false }, openhands: { enabled: false } };

const combinations: [title: string, configured: Record<string, unknown>, paths: string[], words: string[]][] = [
  [
    "fewer pods at most than at least",
    { openchecker: { agents: { autoscaling: { type: "cpu", minReplicas: 4, maxReplicas: 2 } } } },
    ["openchecker.agents.autoscaling.minReplicas", "openchecker.agents.autoscaling.maxReplicas"],
    ["the number 4", "the number 2"],
  ],
  [
    "scaling by queue length without KEDA",
    { openchecker: { agents: { autoscaling: queue } } },
    ["openchecker.agents.autoscaling.type", "cluster.capabilities.keda"],
    ["KEDA"],
  ],
  [
    "a fixed number of pods besides autoscaling",
    { openchecker: { agents: { replicas: 3, autoscaling: scaled } } },
    ["openchecker.agents.replicas", "openchecker.agents.autoscaling.type"],
    ["autoscaler"],
  ],
  [
    "a pool with a fixed number of pods that inherits autoscaling",
    { openchecker: { agents: { autoscaling: scaled, pools: { large: { replicas: 1 } } } } },
    ["openchecker.agents.pools.large.replicas", "openchecker.agents.pools.large.autoscaling.type"],
    ["not set here"],
  ],
  [
    "a pool whose own limit is below the request that it inherits",
    { openchecker: { agents: { pools: { small: { resources: { limits: { memory: "1Gi" } } } } } } },
    [
      "openchecker.agents.pools.small.resources.requests.memory",
      "openchecker.agents.pools.small.resources.limits.memory",
    ],
    ["limit"],
  ],
  [
    "an issuer without cert-manager",
    { cluster: { capabilities: { certManager: false } }, ...withoutOthers },
    ["openchecker.exposure.tls.from", "cluster.capabilities.certManager"],
    ["selfMade"],
  ],
  [
    "certificates that live longer than their authority",
    { certificates: { selfMade: { validityDays: 365 } } },
    ["certificates.selfMade.leafDays", "certificates.selfMade.validityDays"],
    ["365", "398"],
  ],
  [
    "two systems at one host",
    {
      openchecker: {
        exposure: { host: "insight.oss-compass.org" },
        compassProxies: { enabled: true },
      },
    },
    ["openchecker.exposure.host", "openchecker.compassProxies.proxies.compass-insight-org-proxy.hosts[0].host"],
    ["host name"],
  ],
  [
    "two systems in one namespace",
    { rabbitmq: { namespace: "openchecker" } },
    ["openchecker.namespace", "rabbitmq.namespace"],
    ["namespace"],
  ],
  [
    "a system in the namespace of the ingress controller",
    { openchecker: { namespace: "ingress-nginx" } },
    ["openchecker.namespace", "cluster.ingress.controllerNamespace"],
    ["namespace"],
  ],
];

test.each(combinations)("%s is refused with every setting that has a part in it", (_, configured, paths, words) => {
  const problems = problemsOf(configured);

  expect(problems.map(({ path }) => path)).toEqual([paths.map((path) => `platform:${path}`).join(" + ")]);
  for (const word of words) {
    expect(problems[0]?.text).toContain(word);
  }
});

test("workers of the classic generation cannot reach SonarQube by https", () => {
  const problems = problemsOf(
    { openchecker: { sonarqube: { external: { ...sonar, scheme: "https" } } }, pipeline: { enabled: false } },
    { secretKeys: ["openchecker"] },
  );

  expect(problems.map(({ path }) => path)).toEqual([
    "platform:openchecker.sonarqube.external.scheme + platform:openchecker.agents.generation",
  ]);
});

test("what is switched off does not take part in combinations", () => {
  const configured = {
    cluster: { capabilities: { certManager: false } },
    rabbitmq: { namespace: "openchecker" },
    openchecker: { enabled: false },
    pipeline: { enabled: false },
    openhands: { enabled: false },
  };

  expect(settingsOf(configured).openchecker.enabled).toBe(false);
});

test("a pool does not repeat what is wrong with the settings that it inherits", () => {
  const autoscaling = { type: "cpu", minReplicas: 4, maxReplicas: 2 };

  expect(problemsOf({ openchecker: { agents: { autoscaling, pools: { large: {} } } } })).toHaveLength(1);
});
