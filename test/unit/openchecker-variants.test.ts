import { find, renderSettings } from "../support/render-settings";

const names = (manifests: Awaited<ReturnType<typeof renderSettings>>, kind: string) =>
  manifests.filter((each) => each.kind === kind).map((each) => each.metadata.name);

test("without OpenChecker nothing of it is registered, and no broker", async () => {
  expect(await renderSettings({ openchecker: { enabled: false } })).toEqual([]);
});

test("further pools inherit from the workers and change only what they say", async () => {
  const manifests = await renderSettings({
    openchecker: { agents: { pools: { large: { replicas: 1, image: { tag: "v0.30" }, generation: "current" } } } },
  });
  expect(find(manifests, "Deployment", "openchecker-agent")).toMatchObject({ spec: { replicas: 3 } });
  expect(find(manifests, "Deployment", "openchecker-agent-large")).toMatchObject({
    metadata: { labels: { app: "openchecker-agent-large", "app.kubernetes.io/version": "v0.30" } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "openchecker-agent-large" } },
      template: { spec: { containers: [{ image: "docker.io/guoqiangqi/openchecker:v0.30" }] } },
    },
  });
});

test("workers run where their image can, whatever else is asked of a node", async () => {
  const manifests = await renderSettings({
    openchecker: {
      agents: {
        nodeSelector: { disk: "fast" },
        pools: { own: { nodeSelector: { "kubernetes.io/arch": "arm64" } } },
      },
    },
  });
  const nodeSelector = (name: string) =>
    (find(manifests, "Deployment", name)["spec"] as { template: { spec: { nodeSelector: object } } }).template.spec
      .nodeSelector;
  expect(nodeSelector("openchecker-agent")).toEqual({ disk: "fast", "kubernetes.io/arch": "amd64" });
  // An image of the user's own may exist for others.
  expect(nodeSelector("openchecker-agent-own")).toEqual({ disk: "fast", "kubernetes.io/arch": "arm64" });
});

test("with an autoscaler the Deployment leaves the number of workers to it", async () => {
  const manifests = await renderSettings({
    openchecker: { agents: { autoscaling: { type: "cpu", minReplicas: 2, maxReplicas: 9 } } },
  });
  expect(find(manifests, "Deployment", "openchecker-agent")["spec"]).not.toHaveProperty("replicas");
  expect(manifests.find((each) => each.kind === "HorizontalPodAutoscaler")).toMatchObject({
    spec: { minReplicas: 2, maxReplicas: 9, scaleTargetRef: { kind: "Deployment", name: "openchecker-agent" } },
  });
});

test("scaling by the queue gives KEDA a login of its own, as a Secret", async () => {
  const manifests = await renderSettings({
    cluster: { context: "test", capabilities: { keda: true, certManager: false } },
    openchecker: { agents: { autoscaling: { type: "queue", minReplicas: 0, maxReplicas: 20, messagesPerReplica: 2 } } },
  });
  const rule = manifests.find((each) => each.kind === "ScaledObject");
  expect(rule).toMatchObject({
    spec: {
      scaleTargetRef: { name: "openchecker-agent" },
      triggers: [{ type: "rabbitmq", metadata: { queueName: "opencheck", value: "2" } }],
    },
  });
  const authentication = find(manifests, "TriggerAuthentication", "openchecker-agent-scaler-authentication");
  expect(authentication).toMatchObject({ spec: { secretTargetRef: [{ name: "openchecker-agent-scaler-login" }] } });
  expect(find(manifests, "Secret", "openchecker-agent-scaler-login")).toMatchObject({
    stringData: { host: "[secret]" },
  });
});

test("the compass proxies reach servers outside by EndpointSlices, one host name per certificate", async () => {
  const manifests = await renderSettings({ openchecker: { compassProxies: { enabled: true } } });
  expect(find(manifests, "Service", "compass-insight-proxy")["spec"]).not.toHaveProperty("selector");
  const slice = manifests.find(
    (each) =>
      each.kind === "EndpointSlice" && each.metadata.labels?.["kubernetes.io/service-name"] === "compass-insight-proxy",
  );
  expect(slice).toMatchObject({ endpoints: [{ addresses: ["49.0.253.31"] }], ports: [{ name: "http", port: 8788 }] });
  expect(find(manifests, "Ingress", "compass-insight-ingress")).toMatchObject({
    spec: {
      tls: [
        { hosts: ["oss-compass-insight.openatom.cn"], secretName: "insight-compass-ingress-secret" },
        { hosts: ["insight.compass.gitee.com"], secretName: "insight-compass-gitee-com-ingress-secret" },
      ],
    },
  });
});

test.each([
  [{ type: "clusterIp" }, "ClusterIP"],
  [{ type: "nodePort", nodePort: 30080 }, "NodePort"],
  [{ type: "loadBalancer", allowedSources: ["203.0.113.0/24"] }, "LoadBalancer"],
])("the API is exposed as the settings say: %j", async (exposure, type) => {
  const manifests = await renderSettings({ openchecker: { exposure } });
  expect(find(manifests, "Service", "openchecker-main-service")).toMatchObject({ spec: { type } });
  expect(names(manifests, "Ingress")).toEqual([]);
});

test("a certificate that somebody else provides is only referred to", async () => {
  const manifests = await renderSettings({
    openchecker: {
      exposure: { type: "ingress", host: "check.example.org", tls: { from: "secret", secretName: "wildcard" } },
    },
  });
  expect(find(manifests, "Ingress", "openchecker-main-ingress")).toMatchObject({
    spec: { tls: [{ hosts: ["check.example.org"], secretName: "wildcard" }] },
  });
  expect(names(manifests, "Secret")).not.toContain("wildcard");
});

test("an external broker takes the place of the platform's own", async () => {
  const login = { username: "someone", password: "not-to-be-shown" };
  const manifests = await renderSettings(
    {
      rabbitmq: {
        external: { host: "mq.example.org", cidrs: ["203.0.113.9/32"], users: { main: login, worker: login } },
      },
    },
    ["rabbitmq"],
  );
  expect(names(manifests, "StatefulSet")).toEqual([]);
  expect(JSON.stringify(manifests)).not.toContain("not-to-be-shown");
  const policy = manifests.find(
    (each) =>
      each.kind === "NetworkPolicy" && each.metadata.labels?.["app.kubernetes.io/instance"] === "openchecker-agent",
  );
  expect(JSON.stringify(policy)).toContain("203.0.113.9/32");
});

test("a changed configuration rolls exactly the pods that read it", async () => {
  const checksums = async (openchecker: object) => {
    const manifests = await renderSettings({ openchecker });
    return ["openchecker-main", "openchecker-agent"].map((name) => {
      const { template } = find(manifests, "Deployment", name)["spec"] as {
        template: { metadata: { annotations: Record<string, string> } };
      };
      return template.metadata.annotations["checksum/config"];
    });
  };
  const before = await checksums({});
  const after = await checksums({ token: { expiresMinutes: 60 } });
  expect(after[0]).not.toEqual(before[0]);
  expect(after[1]).toEqual(before[1]);
});

test("the workers cannot reach private addresses, except the ones that callbacks need", async () => {
  const manifests = await renderSettings({ openchecker: { agents: { egress: { callbackCidrs: ["10.20.0.0/16"] } } } });
  const policy = JSON.stringify(find(manifests, "NetworkPolicy", "network-openchecker-openchecker-agent")["spec"]);
  expect(policy).toContain('"except":["10.0.0.0/8"');
  expect(policy).toContain('{"ipBlock":{"cidr":"10.20.0.0/16"}}');
});

test("with the Prometheus operator the broker's metrics are collected, and Prometheus is let in", async () => {
  const manifests = await renderSettings({
    cluster: { context: "test", capabilities: { prometheusOperator: true, certManager: false } },
  });
  const service = find(manifests, "Service", "rabbitmq");
  const monitor = find(manifests, "ServiceMonitor", "rabbitmq-metrics-monitor");
  const { selector, endpoints } = monitor["spec"] as {
    selector: { matchLabels: Record<string, string> };
    endpoints: { port: string }[];
  };
  expect(service.metadata.labels).toMatchObject(selector.matchLabels);
  expect((service["spec"] as { ports: object[] }).ports).toContainEqual(
    expect.objectContaining({ name: endpoints[0]?.port, port: 15692 }),
  );
  const policy = find(manifests, "NetworkPolicy", "network-rabbitmq-rabbitmq-server");
  expect(JSON.stringify(policy["spec"])).toContain('"kubernetes.io/metadata.name":"monitoring"');
});

describe("Prometheus is told to watch", () => {
  const cluster = { context: "test", capabilities: { prometheusOperator: true, keda: true, certManager: false } };

  async function alerts(sections: Readonly<Record<string, unknown>> = {}) {
    const rules = find(await renderSettings({ cluster, ...sections }), "PrometheusRule", "rabbitmq-alerts-rules");
    const { groups } = rules["spec"] as { groups: { rules: { alert: string; expr: string }[] }[] };
    const byName = new Map(groups.flatMap((group) => group.rules.map((rule) => [rule.alert, rule.expr] as const)));
    return { namespace: rules.metadata.namespace, byName };
  }

  test("failed tasks and workers that take none, in the broker's own namespace", async () => {
    const { namespace, byName } = await alerts({ rabbitmq: { namespace: "broker" } });
    expect(namespace).toBe("broker");
    expect([...byName.keys()].sort()).toEqual([
      "OpenCheckerTaskFailed",
      "OpenCheckerTasksPilingUp",
      "OpenCheckerTasksRepeated",
      "OpenCheckerTasksWithoutWorker",
      "OpenCheckerWorkersMissing",
      "RabbitMqDiskAlarm",
      "RabbitMqMemoryAlarm",
      "RabbitMqSilent",
    ]);
    expect(byName.get("OpenCheckerTaskFailed")).toBe(
      'max by (queue) (rabbitmq_queue_messages{namespace="broker",queue="dead_letters"}) > 0',
    );
  });

  test("the workers that all pools together always have", async () => {
    const autoscaling = { type: "cpu", minReplicas: 2, maxReplicas: 5 };
    const pools = { large: { replicas: 1 }, elastic: { autoscaling } };
    const { byName } = await alerts({ openchecker: { agents: { replicas: 3, pools } } });
    expect(byName.get("OpenCheckerWorkersMissing")).toMatch(/queue="opencheck"\}\) < 6$/);
  });

  test("no number of workers where there may be none", async () => {
    const autoscaling = { type: "queue", minReplicas: 0, maxReplicas: 5 };
    const { byName } = await alerts({ openchecker: { agents: { autoscaling } } });
    expect(byName.has("OpenCheckerWorkersMissing")).toBe(false);
    expect(byName.has("OpenCheckerTasksWithoutWorker")).toBe(true);
  });

  test("nothing where monitoring is switched off", async () => {
    const manifests = await renderSettings({ cluster, rabbitmq: { monitoring: false } });
    expect(manifests.filter((each) => each.apiVersion === "monitoring.coreos.com/v1")).toEqual([]);
  });
});

test("scaling by the queue counts the tasks that workers are busy with", async () => {
  const manifests = await renderSettings({
    cluster: { context: "test", capabilities: { keda: true, certManager: false } },
    openchecker: { agents: { autoscaling: { type: "queue", minReplicas: 0, maxReplicas: 20 } } },
  });
  const rule = manifests.find((each) => each.kind === "ScaledObject");
  expect(rule).toMatchObject({ spec: { triggers: [{ metadata: { protocol: "http" } }] } });
  const policy = find(manifests, "NetworkPolicy", "network-rabbitmq-rabbitmq-server");
  expect(JSON.stringify(policy["spec"])).toContain('"kubernetes.io/metadata.name":"keda"');
});

test("the language model is reached on its own port, inside its own ranges", async () => {
  const chatbot = {
    baseUrl: "http://10.1.2.3:8000/v1",
    modelName: "m",
    apiKey: "not-to-be-shown",
    cidrs: ["10.1.2.3/32"],
  };
  const manifests = await renderSettings({ openchecker: { chatbot } }, ["openchecker"]);
  expect(find(manifests, "NetworkPolicy", "network-openchecker-openchecker-agent")).toMatchObject({
    spec: {
      egress: expect.arrayContaining([
        { to: [{ ipBlock: { cidr: "10.1.2.3/32" } }], ports: [{ protocol: "TCP", port: 8000 }] },
      ]),
    },
  });
});

test("nothing that a scan writes can fill the node", async () => {
  const manifests = await renderSettings({});
  for (const name of ["openchecker-main", "openchecker-agent"]) {
    const { template } = find(manifests, "Deployment", name)["spec"] as {
      template: { spec: { volumes: { name: string; emptyDir?: { sizeLimit?: string } }[] } };
    };
    const unlimited = template.spec.volumes.filter(({ emptyDir }) => emptyDir !== undefined && !emptyDir.sizeLimit);
    expect(unlimited).toEqual([]);
  }
});
