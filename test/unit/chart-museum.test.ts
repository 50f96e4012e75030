import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "../../components/exposure/exposure";
import { ChartMuseum, type ChartMuseumArgs } from "../../components/registry/chart-museum";
import { externalChartRepository } from "../../components/registry/external-chart-repository";
import { checkManifests } from "../../policy/check";
import { chartmuseum } from "../../stacks/settings/chartmuseum";
import { isolated, renderComponent, resolved } from "../support/render-component";
import { find, renderSettings } from "../support/render-settings";

const controller = { namespace: "ingress-nginx", podLabels: { "app.kubernetes.io/name": "ingress-nginx" } };
const byIngress: Exposure = {
  type: "ingress",
  host: "chartmuseum.apps.example.org",
  tls: { from: "secret", secretName: "apps.example.org-tls" },
};

/** Renders ChartMuseum with the defaults of its settings, reached by an ingress. */
async function render(changes: Partial<ChartMuseumArgs> = {}) {
  const made: ChartMuseum[] = [];
  const rendered = await renderComponent(() =>
    isolated("chartmuseum", (namespace) => {
      const museum = new ChartMuseum("chartmuseum", {
        ...chartmuseum.parse({}),
        namespace,
        service: { name: "chartmuseum", port: 8080 },
        image: {
          reference: "ghcr.io/helm/chartmuseum:v0.16.2",
          version: "v0.16.2",
          pullPolicy: "IfNotPresent",
          pullSecrets: [],
        } as const,
        exposure: byIngress,
        ingress: { className: "nginx", controller, awaitAddress: false },
        clusterDomain: "cluster.local",
        lifecycle: { protectData: false, retainData: false },
        ...changes,
      });
      made.push(museum);
      return museum;
    }),
  );
  const [museum] = made;
  if (museum === undefined) {
    throw new Error("Nothing was made.");
  }
  return { ...rendered, museum };
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly [field: string]: unknown;
}

function containerOf(deployment: unknown): Container {
  const { spec } = deployment as { spec: { template: { spec: { containers: Container[] } } } };
  const [container] = spec.template.spec.containers;
  if (container === undefined) {
    throw new Error("The pod has no container.");
  }
  return container;
}

test("has upstream's names, port and size", async () => {
  const { manifests } = await render();
  expect(find(manifests, "Service", "chartmuseum").spec).toMatchObject({ type: "ClusterIP", ports: [{ port: 8080 }] });
  expect(find(manifests, "PersistentVolumeClaim", "chartmuseum").spec).toEqual({
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "5Gi" } },
  });
  const deployment = find(manifests, "Deployment", "chartmuseum");
  expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  expect(containerOf(deployment)).toMatchObject({
    readinessProbe: { httpGet: { path: "/health", port: "http" } },
    volumeMounts: [{ mountPath: "/storage" }],
    securityContext: { readOnlyRootFilesystem: true },
  });
});

test("everybody reads, and only the generated login writes", async () => {
  const { manifests, museum } = await render();
  const { env } = containerOf(find(manifests, "Deployment", "chartmuseum"));
  expect(env).toEqual(
    expect.arrayContaining([
      { name: "AUTH_ANONYMOUS_GET", value: "true" },
      { name: "STORAGE", value: "local" },
      { name: "STORAGE_LOCAL_ROOTDIR", value: "/storage" },
      { name: "BASIC_AUTH_USER", valueFrom: { secretKeyRef: { name: "chartmuseum", key: "BASIC_AUTH_USER" } } },
      { name: "BASIC_AUTH_PASS", valueFrom: { secretKeyRef: { name: "chartmuseum", key: "BASIC_AUTH_PASS" } } },
    ]),
  );
  expect(find(manifests, "Secret", "chartmuseum")["stringData"]).toEqual({
    BASIC_AUTH_USER: "[secret]",
    BASIC_AUTH_PASS: "[secret]",
  });
  const { login } = museum.repository;
  expect(login?.username).toBe("chart-publisher");
  expect(login && (await pulumi.isSecret(login.password))).toBe(true);
});

test("reading can be closed, too", async () => {
  const { manifests, museum } = await render({ anonymousRead: false });
  expect(containerOf(find(manifests, "Deployment", "chartmuseum")).env).toContainEqual({
    name: "AUTH_ANONYMOUS_GET",
    value: "false",
  });
  expect(museum.repository.anonymousRead).toBe(false);
});

test("tells pods the Service and people the public address", async () => {
  const { museum } = await render({ certificateAuthority: pulumi.output("an authority") });
  const { url, certificateAuthority, ready: _, ...repository } = museum.repository;
  expect(url).toBe("http://chartmuseum.chartmuseum.svc.cluster.local:8080");
  expect(certificateAuthority && (await resolved(certificateAuthority))).toBe("an authority");
  expect(repository).toMatchObject({
    publicUrl: "https://chartmuseum.apps.example.org",
    ports: [8080],
    peer: { namespace: "chartmuseum" },
  });
});

test("an ingress lets through charts as large as the server takes", async () => {
  const { manifests } = await render();
  expect(find(manifests, "Ingress", "chartmuseum")).toMatchObject({
    metadata: { annotations: { "nginx.ingress.kubernetes.io/proxy-body-size": "20m" } },
    spec: { tls: [{ hosts: ["chartmuseum.apps.example.org"], secretName: "apps.example.org-tls" }] },
  });
  const own = { "nginx.ingress.kubernetes.io/proxy-body-size": "8m" };
  const changed = await render({ exposure: { ...byIngress, annotations: own } });
  expect(find(changed.manifests, "Ingress", "chartmuseum").metadata.annotations).toMatchObject(own);
});

test("without an exposure nobody outside the platform reaches it", async () => {
  const { manifests, museum } = await render({ exposure: { type: "clusterIp" } });
  expect(manifests.some(({ kind }) => kind === "Ingress")).toBe(false);
  expect(museum.url).toBeUndefined();
  expect(museum.repository).not.toHaveProperty("publicUrl");
  expect(museum.connections).toEqual([]);
});

test("a node port has the address that the settings name", async () => {
  const { museum } = await render({
    exposure: { type: "nodePort", nodePort: 30088 },
    publicUrl: "http://192.0.2.7:30088",
  });
  expect(museum.url).toBe("http://192.0.2.7:30088");
});

test("metrics are offered only where they are served", async () => {
  expect((await render()).museum.metrics).toBeUndefined();
  const { manifests, museum } = await render({ metrics: true });
  expect(containerOf(find(manifests, "Deployment", "chartmuseum")).env).toContainEqual({
    name: "ENABLE_METRICS",
    value: "true",
  });
  expect(find(manifests, "Service", "chartmuseum").metadata.labels).toMatchObject(museum.metrics?.serviceLabels ?? {});
});

test.each<[string, Partial<ChartMuseumArgs>]>([
  ["an ingress", {}],
  ["a node port", { exposure: { type: "nodePort", nodePort: 30088 } }],
  ["pods only", { exposure: { type: "clusterIp" }, metrics: true }],
])("%s keeps to every rule of the policy", async (_, changes) => {
  expect(checkManifests((await render(changes)).manifests)).toEqual([]);
});

test.each([
  ["https://charts.example.org", 443],
  ["http://charts.example.org", 80],
  ["https://charts.example.org:8443/stable", 8443],
])("a repository of somebody else at %s is reached at port %i", (url, port) => {
  const repository = externalChartRepository({ url, cidrs: ["198.51.100.0/24"], anonymousRead: true });
  expect(repository).toMatchObject({ publicUrl: url, ports: [port], peer: { cidrs: ["198.51.100.0/24"] } });
  expect(repository).not.toHaveProperty("login");
});

test("the claim has the class of K-PaaS's volumes, unless it is given one of its own", async () => {
  const classOf = async (chartmuseum: object) => {
    const kpaas = { enabled: true, domain: "platform.example.org", storageClass: "cp-storageclass" };
    const sections = { openchecker: { enabled: false }, harbor: {}, kpaas, chartmuseum };
    const claim = find(await renderSettings(sections), "PersistentVolumeClaim", "chartmuseum");
    return (claim["spec"] as { storageClassName?: string }).storageClassName;
  };
  expect(await classOf({})).toBe("cp-storageclass");
  expect(await classOf({ storage: { class: "fast" } })).toBe("fast");
});
