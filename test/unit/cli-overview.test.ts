import type { KubernetesObject } from "@kubernetes/client-node";
import { pick } from "../../cli/output";
import { nextSteps } from "../../cli/shared/next-steps";
import { kubernetesKind, overviewTable, platformObjects, systemRows } from "../../cli/shared/platform-overview";
import type { Target } from "../../sandbox/engine/target";

const target: Target = {
  kind: "sandbox",
  kubeconfig: "/repo/.sandbox/kubeconfig",
  context: "platform-sandbox",
  server: "",
};

function object(kind: string, system: string, more: object = {}, namespace: string | null = system): KubernetesObject {
  const labels = { "app.kubernetes.io/part-of": system };
  return { kind, metadata: { labels, ...(namespace !== null && { namespace }) }, ...more };
}

test("one row per system: namespaces, objects, ready workloads, address", () => {
  const complete = { status: { conditions: [{ type: "Complete", status: "True" }] } };
  const rows = systemRows(
    [
      object("Deployment", "openchecker", { spec: { replicas: 3 }, status: { availableReplicas: 3 } }),
      object("Deployment", "openchecker", { spec: { replicas: 2 }, status: { availableReplicas: 1 } }),
      object("Job", "openchecker", complete),
      object("ConfigMap", "openchecker"),
      object("PersistentVolume", "openchecker", {}, null),
      object("StatefulSet", "rabbitmq", { spec: { replicas: 1 }, status: { readyReplicas: 1 } }),
      object("DaemonSet", "rabbitmq", { status: { desiredNumberScheduled: 3, numberReady: 2 } }, "operations"),
      object("Namespace", "nfs", {}, null),
    ],
    { openchecker: "https://openchecker.example.com" },
  );
  expect(overviewTable(rows)).toBe(
    [
      "SYSTEM        NAMESPACE             OBJECTS   READY           URL",
      "nfs           -                     1         -               -",
      "openchecker   openchecker           5         2/3 workloads   https://openchecker.example.com",
      "rabbitmq      operations,rabbitmq   2         1/2 workloads   -",
      "",
    ].join("\n"),
  );
});

test("an address without its load balancer, which a run did not wait for, is completed from the Service", () => {
  const service = (ingress: object[]) => object("Service", "kubekloud", { status: { loadBalancer: { ingress } } });
  const urlWith = (ingress: object[]) =>
    systemRows([object("Service", "kubekloud"), service(ingress)], { kubekloud: "http://LOAD-BALANCER:8080" })[0]?.url;
  expect(urlWith([])).toBe("http://LOAD-BALANCER:8080");
  expect(urlWith([{ ip: "192.0.2.7" }])).toBe("http://192.0.2.7:8080");
  expect(urlWith([{ hostname: "lb.example.org" }])).toBe("http://lb.example.org:8080");
});

test("on the embedded cluster the table tells whose pods run in containers", () => {
  const pod = (system: string | undefined, nodeName: string | undefined, metadata: object = {}): KubernetesObject => {
    const labels = system === undefined ? {} : { "app.kubernetes.io/part-of": system };
    const spec = nodeName === undefined ? {} : { nodeName };
    return Object.assign({ metadata: { labels, ...metadata } }, { spec });
  };
  const real = "sandbox-real-node";
  const fake = "sandbox-node-0";
  const home: KubernetesObject = {
    kind: "Namespace",
    metadata: { name: "tenant-1", labels: { "app.kubernetes.io/part-of": "kubekloud" } },
  };
  const rows = systemRows(
    [object("ConfigMap", "harbor"), object("ConfigMap", "openchecker"), object("ConfigMap", "rabbitmq"), home],
    { nfs: "https://nfs" },
    [
      pod("harbor", real),
      pod("harbor", fake),
      pod("harbor", real),
      pod("harbor", undefined),
      pod("openchecker", fake),
      pod("openchecker", real, { deletionTimestamp: new Date(0) }),
      pod("rabbitmq", real),
      pod(undefined, real, { namespace: "tenant-1" }),
      pod(undefined, fake, { namespace: "kube-system" }),
    ],
  );
  const runs = Object.fromEntries(rows.map((row) => [row.system, row.runs]));
  expect(runs).toEqual({
    harbor: "real 2 of 3",
    kubekloud: "real",
    nfs: "-",
    openchecker: "simulated",
    rabbitmq: "real",
  });
  const [head, harbor] = overviewTable(rows).split("\n");
  expect(head).toMatch(/^SYSTEM +NAMESPACE +OBJECTS +READY +RUNS +URL$/);
  expect(harbor).toMatch(/ real 2 of 3 +-$/);
});

test("asks the cluster once for each kind of the stack, and for ours only", async () => {
  const asked: string[] = [];
  const list = async (...kind: string[]) => {
    asked.push(kind.join(" "));
    return [{ metadata: { name: "x" } }];
  };
  const types = ["kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Secret", "kubernetes:core/v1:Secret"];
  const found = await platformObjects({ list }, [...types, "random:index/randomPassword:RandomPassword"]);
  expect(asked).toEqual([
    "apps/v1 Deployment app.kubernetes.io/managed-by=pulumi",
    "v1 Secret app.kubernetes.io/managed-by=pulumi",
  ]);
  expect(found.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`)).toEqual(["apps/v1/Deployment", "v1/Secret"]);
});

test("tells Kubernetes kinds from other resources", () => {
  expect(kubernetesKind("kubernetes:networking.k8s.io/v1:Ingress")).toEqual({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
  });
  expect(kubernetesKind("tls:index/privateKey:PrivateKey")).toBeUndefined();
});

test("the next steps fit the stack and the cluster, and say that the sandbox simulates", () => {
  const steps = nextSteps({ stack: "dev", target, credentials: ["rabbitmq"] });
  expect(steps).toMatch(/npm run output -- credentials.rabbitmq --show-secrets/);
  expect(steps).toMatch(/edit Pulumi.dev.yaml, then npm run preview and npm run up/);
  expect(steps).toMatch(/nodes and containers are simulated/);
  expect(steps).toMatch(/`npm start -- --node real` runs .* in containers/);
  const withNode = nextSteps({ stack: "dev", target: { ...target, realNode: "sandbox" }, credentials: [] });
  expect(withNode).toMatch(/column RUNS says real run in containers on the node sandbox-real-node/);
  expect(withNode).not.toMatch(/nodes and containers are simulated/);
  const real = nextSteps({
    stack: "prod",
    target: { ...target, kind: "cluster", context: "production" },
    credentials: [],
  });
  expect(real).toMatch(/npm run preview -- --stack prod --kubeconfig \S+ --context production/);
  expect(real).not.toMatch(/simulated|sandbox -- down|output/);
});

test("an output is found by its path, and a wrong path names what there is", () => {
  const outputs = { credentials: { rabbitmq: { user: "admin" } }, hidden: "[secret]" };
  expect(pick(outputs, "credentials.rabbitmq.user")).toBe("admin");
  expect(pick(outputs, "hidden.password")).toBe("[secret]");
  expect(() => pick(outputs, "credentials.harbor")).toThrow(/"harbor" does not exist. There is: rabbitmq/);
});
