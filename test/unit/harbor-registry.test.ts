import { isDeepStrictEqual } from "node:util";
import type { Manifest } from "../../stacks/render";
import { find, renderSettings } from "../support/render-settings";
import { sampleAuthority } from "../support/sample-pem";
import { testAuthority } from "../support/test-certificates";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly securityContext: Record<string, unknown>;
  readonly volumeMounts?: readonly { readonly mountPath: string; readonly subPath?: string }[];
  readonly [field: string]: unknown;
}

interface Pod {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly securityContext: Record<string, unknown>;
  readonly [field: string]: unknown;
}

interface PodTemplate {
  readonly template: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
}

const render = (harbor: object = {}, more: object = {}, secretKeys: string[] = []) =>
  renderSettings({ openchecker: { enabled: false }, harbor, ...more }, secretKeys);

function podOf({ kind, spec }: Manifest): Pod {
  const { template, jobTemplate } = spec as {
    template: { spec: Pod };
    jobTemplate: { spec: { template: { spec: Pod } } };
  };
  return kind === "CronJob" ? jobTemplate.spec.template.spec : template.spec;
}

function container(manifests: readonly Manifest[], part: string, name = part): Container {
  const workload = manifests.find(
    (each) => /^(Deployment|StatefulSet)$/.test(each.kind) && each.metadata.name === `harbor-${part}`,
  );
  const found = workload === undefined ? undefined : podOf(workload).containers.find((each) => each.name === name);
  if (found === undefined) {
    throw new Error(`There is no container ${name} in harbor-${part}.`);
  }
  return found;
}

function environmentOf({ env = [] }: Container): Record<string, string | undefined> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

const harborOnly = (manifests: readonly Manifest[]) =>
  manifests.filter(({ metadata }) => metadata.namespace === "harbor-system");

let dev: Manifest[];

beforeAll(async () => {
  dev = await render();
});

test("runs every part of the seed in its namespace, with one version of all images", () => {
  const workloads = harborOnly(dev).filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind));
  expect(workloads.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
    "Deployment harbor-core",
    "Deployment harbor-exporter",
    "Deployment harbor-jobservice",
    "Deployment harbor-nginx",
    "Deployment harbor-portal",
    "Deployment harbor-registry",
    "StatefulSet harbor-database",
    "StatefulSet harbor-redis",
    "StatefulSet harbor-trivy",
  ]);
  for (const workload of workloads) {
    for (const { image } of podOf(workload).containers) {
      expect(image).toMatch(/^docker\.io\/goharbor\/[a-z-]+:v2\.15\.2$/);
    }
  }
});

test("keeps the seed's sizes", () => {
  const claims = dev.filter(({ kind }) => kind === "PersistentVolumeClaim");
  const sizes = Object.fromEntries(
    claims.map(({ metadata, spec }) => [
      metadata.name,
      (spec as { resources: { requests: { storage: string } } }).resources.requests.storage,
    ]),
  );
  expect(sizes).toEqual({ "harbor-registry": "20Gi", "harbor-jobservice": "1Gi" });
  for (const [part, name, size] of [
    ["database", "database-data", "5Gi"],
    ["redis", "data", "1Gi"],
    ["trivy", "data", "5Gi"],
  ]) {
    expect(find(dev, "StatefulSet", `harbor-${part}`).spec).toMatchObject({
      volumeClaimTemplates: [{ metadata: { name }, spec: { resources: { requests: { storage: size } } } }],
    });
  }
});

test.each([
  ["core", "core", "250m", "256Mi", "1000m", "512Mi"],
  ["portal", "portal", "100m", "256Mi", "500m", "512Mi"],
  ["registry", "registry", "100m", "256Mi", "500m", "512Mi"],
  ["jobservice", "jobservice", "100m", "256Mi", "500m", "512Mi"],
  ["trivy", "trivy", "200m", "256Mi", "1000m", "1Gi"],
])("keeps the seed's resources of %s", (part, name, cpu, memory, cpuLimit, memoryLimit) => {
  expect(container(dev, part, name).resources).toEqual({
    requests: { cpu, memory },
    limits: { cpu: cpuLimit, memory: memoryLimit },
  });
});

test("selects pods by the labels of upstream's chart and nothing that changes", () => {
  expect(find(dev, "Deployment", "harbor-core").spec).toMatchObject({
    selector: { matchLabels: { release: "harbor", app: "harbor", component: "core" } },
  });
  expect(find(dev, "Service", "harbor-registry").spec).toMatchObject({
    selector: { release: "harbor", app: "harbor", component: "registry" },
    ports: [
      { name: "http-registry", port: 5000, targetPort: 5000 },
      { name: "http-controller", port: 8080, targetPort: 8080 },
      { name: "http-metrics", port: 8001, targetPort: 8001 },
    ],
  });
});

test("all pods run without root, without service links and without credentials for the cluster", () => {
  for (const workload of harborOnly(dev).filter(({ kind }) => /^(Deployment|StatefulSet|Job|CronJob)$/.test(kind))) {
    const pod = podOf(workload);
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    const expected = /database|redis/.test(workload.metadata.name)
      ? 999
      : /bootstrap/.test(workload.metadata.name)
        ? 65532
        : 10000;
    expect(pod.securityContext["runAsUser"]).toBe(expected);
    for (const { securityContext } of [...pod.containers, ...(pod.initContainers ?? [])]) {
      expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    }
  }
});

test("a volume that one node can mount is never asked for by two pods at a time", async () => {
  for (const name of ["harbor-registry", "harbor-jobservice"]) {
    expect(find(dev, "Deployment", name).spec).toMatchObject({ strategy: { type: "Recreate" } });
  }
  const shared = await render({
    storage: { accessMode: "ReadWriteMany" },
    jobservice: { logs: { inDatabase: true } },
    replicas: { registry: 2, jobservice: 2 },
  });
  for (const name of ["harbor-registry", "harbor-jobservice"]) {
    expect(find(shared, "Deployment", name).spec).not.toHaveProperty("strategy");
    expect(find(shared, "PodDisruptionBudget", name).spec).toMatchObject({ minAvailable: 1 });
  }
  expect(shared.filter(({ kind }) => kind === "PersistentVolumeClaim").map(({ metadata }) => metadata.name)).toEqual([
    "harbor-registry",
  ]);
});

test("the key of the database's secrets is a file of core alone and never a variable", () => {
  const files = find(dev, "Secret", "harbor-core-files")["stringData"] as object;
  expect(Object.keys(files).sort()).toEqual(["secretKey", "tls.key"]);
  const variables = find(dev, "Secret", "harbor-core")["stringData"] as object;
  expect(Object.keys(variables)).not.toContain("secretKey");
  const mounted = harborOnly(dev)
    .filter((each) => JSON.stringify(each["spec"] ?? {}).includes("harbor-core-files"))
    .map(({ metadata }) => metadata.name);
  expect(mounted).toEqual(["harbor-core"]);
  expect(container(dev, "core").volumeMounts).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ mountPath: "/etc/core/key", subPath: "key" }),
      expect.objectContaining({ mountPath: "/etc/core/private_key.pem", subPath: "tls.key" }),
    ]),
  );
});

test("nothing secret is shown", () => {
  // Not secret, but kept next to the password that belongs to it.
  const companions = /^(POSTGRESQL_HOST|HARBOR_DATABASE_HOST|REGISTRY_CREDENTIAL_USERNAME)$/;
  const shown = harborOnly(dev)
    .filter(({ kind }) => kind === "Secret")
    .flatMap(({ stringData }) => Object.entries(stringData as Record<string, string>))
    .filter(([name, value]) => value !== "[secret]" && value !== "" && !companions.test(name))
    .map(([, value]) => value);
  // Harbor's own Redis has no password, so its URLs are none either.
  expect(shown.filter((value) => !value.startsWith("redis://harbor-redis:6379/"))).toEqual([]);
});

test("core knows what clients type and how to reach the other parts", () => {
  expect(environmentOf(container(dev, "core"))).toMatchObject({
    EXT_ENDPOINT: "http://harbor.local:30002",
    CORE_URL: "http://harbor-core:80",
    CORE_LOCAL_URL: "http://127.0.0.1:8080",
    TOKEN_SERVICE_URL: "http://harbor-core:80/service/token",
    JOBSERVICE_URL: "http://harbor-jobservice",
    PORTAL_URL: "http://harbor-portal",
    REGISTRY_URL: "http://harbor-registry:5000",
    REGISTRY_CONTROLLER_URL: "http://harbor-registry:8080",
    TRIVY_ADAPTER_URL: "http://harbor-trivy:8080",
    WITH_TRIVY: "true",
    METRIC_PORT: "8001",
  });
});

test("without Trivy core is told so, and with it off line nothing is downloaded", async () => {
  const without = await render({ trivy: { enabled: false } });
  expect(environmentOf(container(without, "core"))["WITH_TRIVY"]).toBe("false");
  expect(without.some(({ metadata }) => metadata.name === "harbor-trivy")).toBe(false);

  const offline = await render({ trivy: { offline: true } });
  expect(environmentOf(container(offline, "trivy"))).toMatchObject({
    SCANNER_TRIVY_SKIP_UPDATE: "true",
    SCANNER_TRIVY_SKIP_JAVA_DB_UPDATE: "true",
    SCANNER_TRIVY_OFFLINE_SCAN: "true",
  });
  const leavesCluster = (manifests: Manifest[]) =>
    JSON.stringify(find(manifests, "NetworkPolicy", "network-harbor-system-harbor-trivy")).includes("0.0.0.0/0");
  expect(leavesCluster(dev)).toBe(true);
  expect(leavesCluster(offline)).toBe(false);
});

test("with metrics off nobody listens on their port", async () => {
  const manifests = harborOnly(await render({ metrics: false }));
  expect(JSON.stringify(manifests.filter(({ kind }) => kind !== "ConfigMap"))).not.toContain("8001");
  expect(manifests.some(({ metadata }) => metadata.name === "harbor-exporter")).toBe(false);
});

test("Prometheus names its job after the software and leaves the labels of the metrics alone", async () => {
  const monitors = (
    await render({}, { cluster: { context: "test", capabilities: { prometheusOperator: true } } })
  ).filter(({ kind }) => kind === "ServiceMonitor");
  expect(monitors).toHaveLength(4);
  for (const { spec } of monitors) {
    expect(spec).toMatchObject({ jobLabel: "app.kubernetes.io/name", endpoints: [{ honorLabels: true }] });
  }
});

test("a proxy is used by the parts that need it, and never for Harbor's own Services", async () => {
  const proxy = {
    http: "http://proxy.example.org:3128",
    https: "http://proxy.example.org:3128",
    cidrs: ["10.9.0.0/24"],
    ports: [3128],
    noProxy: [".corp"],
  };
  const manifests = await render({ proxy });
  for (const part of ["core", "jobservice", "trivy"]) {
    const { HTTPS_PROXY, NO_PROXY } = environmentOf(container(manifests, part));
    expect(HTTPS_PROXY).toBe("http://proxy.example.org:3128");
    expect(NO_PROXY?.split(",")).toEqual(
      expect.arrayContaining(["harbor-core", "harbor-registry", "harbor-trivy", ".corp"]),
    );
  }
  expect(environmentOf(container(manifests, "registry"))).not.toHaveProperty("HTTPS_PROXY");
});

test("a database and a Redis of somebody else take the place of Harbor's own", async () => {
  const manifests = await render(
    {
      database: {
        external: {
          host: "db.example.org",
          username: "harbor",
          password: "[secret]",
          maxConnections: 144,
          cidrs: ["10.1.0.0/24"],
        },
      },
      redis: { external: { host: "redis.example.org", tls: true, password: "[secret]", cidrs: ["10.2.0.0/24"] } },
    },
    {},
    ["harbor"],
  );
  expect(
    harborOnly(manifests)
      .filter(({ kind }) => kind === "StatefulSet")
      .map(({ metadata }) => metadata.name),
  ).toEqual(["harbor-trivy"]);
  expect(environmentOf(container(manifests, "core"))).toMatchObject({
    POSTGRESQL_USERNAME: "harbor",
    POSTGRESQL_SSLMODE: "require",
    // (144 - 24 reserved - 20 for the exporter) for core and job service, each with a second pod during an update
    POSTGRESQL_MAX_OPEN_CONNS: "25",
  });
  expect(find(manifests, "ConfigMap", "harbor-registry")["data"]).toMatchObject({
    "config.yml": expect.stringContaining("enableTLS: true"),
  });
  const egress = JSON.stringify(find(manifests, "NetworkPolicy", "network-harbor-system-harbor-core"));
  expect(egress).toContain("10.1.0.0/24");
  expect(egress).toContain("10.2.0.0/24");
});

test("an object store takes the place of the volume, and its keys come from a Secret", async () => {
  const s3 = {
    bucket: "images",
    endpoint: "http://minio.example.org:9000",
    accessKey: "[secret]",
    secretKey: "[secret]",
    disableRedirect: true,
    cidrs: ["10.3.0.0/24"],
  };
  const manifests = await render({ storage: { s3 }, replicas: { registry: 3 } }, {}, ["harbor"]);
  expect(
    manifests.some(({ kind, metadata }) => kind === "PersistentVolumeClaim" && metadata.name === "harbor-registry"),
  ).toBe(false);
  expect(find(manifests, "Deployment", "harbor-registry").spec).toMatchObject({ replicas: 3 });
  expect(Object.keys(find(manifests, "Secret", "harbor-registry")["stringData"] as object)).toEqual(
    expect.arrayContaining(["REGISTRY_STORAGE_S3_ACCESSKEY", "REGISTRY_STORAGE_S3_SECRETKEY"]),
  );
  expect(environmentOf(container(manifests, "core"))["REGISTRY_STORAGE_PROVIDER_NAME"]).toBe("s3");
  const opened = (rendered: Manifest[]) =>
    rendered
      .filter(({ kind, spec }) => kind === "NetworkPolicy" && JSON.stringify(spec).includes('"cidr":"10.3.0.0/24"'))
      .map(({ metadata }) => metadata.name.replace("network-harbor-system-harbor-", ""))
      .sort();
  expect(opened(manifests)).toEqual(["registry"]);
  // With redirects whoever reads a blob, core at each push of a manifest, fetches it from the store itself.
  const redirects = await render({ storage: { s3: { ...s3, disableRedirect: false } } }, {}, ["harbor"]);
  expect(opened(redirects)).toEqual(["core", "jobservice", "registry", "trivy"]);
});

test("further authorities reach every part that makes connections", async () => {
  const manifests = await render({ trustedCertificates: [sampleAuthority] });
  for (const part of ["core", "jobservice", "registry", "trivy", "exporter"]) {
    expect(container(manifests, part).volumeMounts).toContainEqual(
      expect.objectContaining({ mountPath: "/harbor_cust_cert/custom-ca.crt", subPath: "ca.crt" }),
    );
  }
});

test("another authority restarts the parts that trust it, and no others", async () => {
  const checksums = async (pem: string) =>
    new Map(
      harborOnly(await render({ trustedCertificates: [pem] }))
        .filter(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind))
        .map(({ metadata, spec }) => [metadata.name, (spec as PodTemplate).template.metadata.annotations]),
    );
  const before = await checksums(sampleAuthority);
  const after = await checksums((await testAuthority("another")).certificate);
  const restarted = [...before].filter(([name, annotations]) => !isDeepStrictEqual(annotations, after.get(name)));
  expect(restarted.map(([name]) => name).sort()).toEqual([
    "harbor-core",
    "harbor-exporter",
    "harbor-jobservice",
    "harbor-registry",
    "harbor-trivy",
  ]);
});

test("probes give a slow start time and keep upstream's rhythm", () => {
  expect(container(dev, "core")["startupProbe"]).toMatchObject({
    httpGet: { path: "/api/v2.0/ping", port: 8080 },
    failureThreshold: 360,
    periodSeconds: 10,
  });
  expect(container(dev, "registry", "registryctl")["readinessProbe"]).toMatchObject({
    httpGet: { path: "/api/health" },
  });
  expect(container(dev, "trivy")["livenessProbe"]).toMatchObject({
    httpGet: { path: "/probe/healthy", port: "api-server" },
    failureThreshold: 10,
  });
  expect(container(dev, "database")["livenessProbe"]).toMatchObject({
    exec: { command: ["/docker-healthcheck.sh"] },
    initialDelaySeconds: 300,
  });
});
