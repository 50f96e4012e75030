import { PlatformRun } from "./platform-support";

/**
 * OpenChecker with everything that the stacks leave out, on the real engine and a real API server: compass proxies,
 * further pools, the autoscalers, the NFS provisioner, Prometheus' objects. The tests build on each other.
 */
let platform: PlatformRun;

/** Kinds of operators that the embedded cluster does not have; any object of such a kind is taken. */
const foreignKinds = {
  "keda.sh/v1alpha1": ["ScaledObject", "TriggerAuthentication"],
  "monitoring.coreos.com/v1": ["PrometheusRule", "ServiceMonitor"],
};

beforeAll(async () => {
  platform = await PlatformRun.start();
  platform.leaveOut("dev", ["harbor", "kubekloud", "sonarqube", "kpaas", "pipeline", "sourceControl", "openhands"]);
  for (const [apiVersion, kinds] of Object.entries(foreignKinds)) {
    for (const kind of kinds) {
      await define(apiVersion, kind);
    }
  }
  const set = (path: readonly string[], value: unknown) => platform.set("dev", path, value);
  set(["platform:cluster", "capabilities"], { keda: true, prometheusOperator: true });
  set(["platform:nfs"], { provisioner: { enabled: true } });
  set(["platform:openchecker", "compassProxies"], { enabled: true });
  set(["platform:openchecker", "agents"], {
    autoscaling: { type: "queue", minReplicas: 1, maxReplicas: 9 },
    pools: {
      elastic: { autoscaling: { type: "cpu", minReplicas: 2, maxReplicas: 5 } },
      large: { replicas: 1, autoscaling: { type: "none" }, nodeSelector: { "kubernetes.io/os": "linux" } },
    },
  });
});

afterAll(() => platform.remove());

/** Makes a kind known to the API server. */
async function define(apiVersion: string, kind: string): Promise<void> {
  const [group = "", version = ""] = apiVersion.split("/");
  const plural = `${kind.toLowerCase()}s`;
  await platform.api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  });
}

test("the API server takes every optional object", async () => {
  await platform.run("up", "dev");
  const names = (path: string) => platform.names(path);
  expect(await names("/apis/discovery.k8s.io/v1/namespaces/compass/endpointslices")).toEqual([
    "compass-insight-org-proxy",
    "compass-insight-proxy",
    "compass-proxy",
  ]);
  expect(await names("/apis/apps/v1/namespaces/openchecker/deployments")).toEqual([
    "openchecker-agent",
    "openchecker-agent-elastic",
    "openchecker-agent-large",
    "openchecker-main",
  ]);
  for (const [path, count] of [
    ["/apis/autoscaling/v2/namespaces/openchecker/horizontalpodautoscalers", 1],
    ["/apis/keda.sh/v1alpha1/namespaces/openchecker/scaledobjects", 1],
    ["/apis/monitoring.coreos.com/v1/namespaces/rabbitmq/prometheusrules", 1],
    ["/apis/monitoring.coreos.com/v1/namespaces/rabbitmq/servicemonitors", 1],
    ["/apis/apps/v1/namespaces/nfs-provisioner/deployments", 1],
  ] as const) {
    expect([path, (await names(path)).length]).toEqual([path, count]);
  }
});

test("a second up changes nothing", async () => {
  const { counts } = await platform.run("up", "dev", { expectNoChanges: true });
  expect(counts).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
});

test("another address of a compass server changes its EndpointSlice alone", async () => {
  const hosts = [{ host: "compass.example.org", tlsSecretName: "compass" }];
  const proxy = (address: string) => ({ addresses: [address], port: 80, ingressName: "compass-ingress", hosts });
  const setProxy = (address: string) =>
    platform.set("dev", ["platform:openchecker", "compassProxies", "proxies"], { "compass-proxy": proxy(address) });
  setProxy("192.0.2.1");
  await platform.run("up", "dev");
  setProxy("192.0.2.2");
  const { changes } = await platform.run("up", "dev");
  const changed = changes.filter(({ kind }) => kind !== "same" && kind !== "read");
  expect(changed.map(({ kind, label }) => `${kind} ${label}`)).toEqual(["update EndpointSlice compass/compass-proxy"]);
});

test("destroy leaves nothing of it", async () => {
  await platform.run("destroy", "dev");
  for (const namespace of ["compass", "nfs-provisioner", "openchecker", "rabbitmq"]) {
    expect(await platform.api("GET", `/api/v1/namespaces/${namespace}`)).toBeUndefined();
  }
});
