import { find, renderSettings } from "../support/render-settings";

jest.spyOn(console, "warn").mockImplementation(() => undefined); // the warning about OpenChecker's classic generation

const single = () => renderSettings({});
const cluster = () => renderSettings({ rabbitmq: { replicas: 3 }, lifecycle: { protectData: true, retainData: true } });

test("keeps the names that RabbitMQ's operator gives its objects", async () => {
  const manifests = await single();
  expect(find(manifests, "StatefulSet", "rabbitmq-server").metadata.namespace).toBe("rabbitmq");
  expect(find(manifests, "Service", "rabbitmq")).toMatchObject({
    spec: { ports: [{ port: 5672 }, { port: 15672 }, { port: 15692 }] },
  });
  expect(find(manifests, "Service", "rabbitmq-nodes")).toMatchObject({
    spec: { clusterIP: "None", publishNotReadyAddresses: true },
  });
  expect(Object.keys(find(manifests, "Secret", "rabbitmq-default-user")["stringData"] as object).sort()).toEqual([
    "connection_string",
    "host",
    "password",
    "port",
    "username",
  ]);
});

test("shows nothing secret: cookie, definitions and passwords are Secrets of the stack", async () => {
  const manifests = await single();
  expect(find(manifests, "Secret", "rabbitmq-erlang-cookie")).toMatchObject({
    stringData: { ".erlang.cookie": "[secret]" },
  });
  expect(find(manifests, "Secret", "rabbitmq-definitions")).toMatchObject({
    stringData: { "definitions.json": "[secret]" },
  });
  expect(find(manifests, "Secret", "rabbitmq-default-user")).toMatchObject({
    stringData: { password: "[secret]", connection_string: "[secret]" },
  });
});

test("one node stops at once and takes its claim with it", async () => {
  const manifests = await single();
  expect(find(manifests, "StatefulSet", "rabbitmq-server")).toMatchObject({
    spec: {
      replicas: 1,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" },
      template: { spec: { terminationGracePeriodSeconds: 60, initContainers: [{ name: "erlang-cookie" }] } },
    },
  });
  expect(brokerContainer(manifests)).not.toHaveProperty("lifecycle");
  const budgets = manifests.filter((each) => each.kind === "PodDisruptionBudget");
  expect(budgets.map((each) => each.metadata.namespace)).not.toContain("rabbitmq");
});

test("three nodes start together, stop one at a time, and leave their claims behind", async () => {
  const manifests = await cluster();
  expect(find(manifests, "StatefulSet", "rabbitmq-server")).toMatchObject({
    spec: {
      replicas: 3,
      podManagementPolicy: "Parallel",
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    },
  });
  expect(JSON.stringify(brokerContainer(manifests)["lifecycle"])).toContain("await_online_quorum_plus_one");
  expect(find(manifests, "PodDisruptionBudget", "rabbitmq-server")).toMatchObject({ spec: { maxUnavailable: 1 } });
});

test("a node has time for everything it does before it stops", async () => {
  const manifests = await cluster();
  const waits = [...JSON.stringify(brokerContainer(manifests)["lifecycle"]).matchAll(/--timeout (\d+)/g)];
  const seconds = waits.reduce((sum, [, wait]) => sum + Number(wait), 0);
  const { spec } = find(manifests, "StatefulSet", "rabbitmq-server") as unknown as StatefulSetManifest;
  expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(seconds);
});

test("the node's Erlang name is the host name that its Service gives it", async () => {
  expect(brokerContainer(await cluster())["env"]).toContainEqual({
    name: "RABBITMQ_NODENAME",
    value: "rabbit@$(POD_NAME).rabbitmq-nodes.rabbitmq.svc.cluster.local",
  });
});

test("only the other nodes reach the ports between the nodes", async () => {
  const policies = (await cluster())
    .filter((each) => each.kind === "NetworkPolicy" && each.metadata.namespace === "rabbitmq")
    .map((each) => each["spec"] as { ingress?: { from: unknown; ports: { port: number }[] }[] });
  const between = policies
    .flatMap(({ ingress = [] }) => ingress)
    .filter(({ ports }) => ports.some(({ port }) => port === 25672));
  expect(between.map(({ from }) => from)).toEqual([
    [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "rabbitmq" } },
        podSelector: {
          matchLabels: { "app.kubernetes.io/instance": "rabbitmq-server", "app.kubernetes.io/name": "rabbitmq" },
        },
      },
    ],
  ]);
});

test("a changed delivery limit restarts the broker, which reads its definitions only then", async () => {
  const before = checksum(await single());
  expect(checksum(await single())).toBe(before);
  expect(checksum(await renderSettings({ rabbitmq: { deliveryLimit: 7 } }))).not.toBe(before);
});

test("with a broker that somebody else runs none is installed", async () => {
  const users = { main: { username: "m", password: "p" }, worker: { username: "w", password: "q" } };
  const external = { host: "broker.example.org", cidrs: ["192.0.2.0/24"], users };
  const manifests = await renderSettings({ rabbitmq: { external } }, ["rabbitmq"]);
  expect(manifests.filter((each) => each.kind === "StatefulSet")).toEqual([]);
  const policies = manifests.filter((each) => each.kind === "NetworkPolicy");
  expect(JSON.stringify(policies)).toContain("192.0.2.0/24");
});

interface StatefulSetManifest {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly Readonly<Record<string, unknown>>[];
      };
    };
  };
}

function template(manifests: Awaited<ReturnType<typeof renderSettings>>) {
  return (find(manifests, "StatefulSet", "rabbitmq-server") as unknown as StatefulSetManifest).spec.template;
}

function brokerContainer(manifests: Awaited<ReturnType<typeof renderSettings>>) {
  return template(manifests).spec.containers[0] ?? {};
}

function checksum(manifests: Awaited<ReturnType<typeof renderSettings>>) {
  return template(manifests).metadata.annotations["checksum/config"];
}
