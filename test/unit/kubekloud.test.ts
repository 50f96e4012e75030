import { schemaScript } from "../../components/kubekloud/api-pod";
import { type TenantPolicyFacts, tenantPolicy } from "../../components/kubekloud/tenant-policy";
import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../stacks/render";
import { find, renderSettings } from "../support/render-settings";

/** KubeKloud with Harbor, on top of the preset `dev`. */
const render = (kubekloud: Record<string, unknown> = {}): Promise<Manifest[]> =>
  renderSettings({ openchecker: { enabled: false }, harbor: { oidc: { enabled: false } }, kubekloud });

interface PodSpec {
  readonly containers: readonly Record<string, unknown>[];
  readonly initContainers: readonly Record<string, unknown>[];
  readonly volumes: readonly Record<string, unknown>[];
}

function podOf(manifest: Manifest): PodSpec {
  return (manifest["spec"] as { template: { spec: PodSpec } }).template.spec;
}

function theJob(manifests: readonly Manifest[], start: string): Manifest {
  return find(
    manifests,
    "Job",
    manifests.find((each) => each.kind === "Job" && each.metadata.name.startsWith(start))?.metadata.name ?? start,
  );
}

test("the API is what the seed says", async () => {
  const manifests = await render();
  const deployment = find(manifests, "Deployment", "kubekloud-api");
  expect(deployment["spec"]).not.toHaveProperty("replicas"); // the autoscaler's
  expect(podOf(deployment)).toMatchObject({
    serviceAccountName: "kubekloud-api-sa",
    imagePullSecrets: [{ name: "harbor-regcred" }],
    securityContext: { runAsUser: 1000, runAsNonRoot: true },
    containers: [
      {
        name: "api",
        image: "harbor.local:30002/kubekloud/api:latest",
        imagePullPolicy: "Always",
        command: ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"],
        resources: { requests: { cpu: "250m", memory: "256Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
        readinessProbe: { httpGet: { path: "/health", port: "http" } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      },
    ],
  });
  expect(find(manifests, "Service", "kubekloud-api-service")["spec"]).toMatchObject({
    type: "LoadBalancer",
    ports: [{ port: 80, targetPort: "http" }],
    selector: { app: "kubekloud-api" },
  });
  expect(find(manifests, "HorizontalPodAutoscaler", "kubekloud-api-hpa")["spec"]).toMatchObject({
    minReplicas: 2,
    maxReplicas: 10,
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "kubekloud-api" },
    metrics: [
      { resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      { resource: { name: "memory", target: { type: "Utilization", averageUtilization: 80 } } },
    ],
  });
  expect(find(manifests, "ConfigMap", "kubekloud-api-config")["data"]).toEqual({
    HARBOR_PROJECT: "kubekloud",
    HARBOR_URL: "harbor.local:30002",
    K8S_NAMESPACE: "default",
    POSTGRES_DB: "kubekloud",
    POSTGRES_HOST: "postgres-service",
    POSTGRES_PORT: "5432",
  });
  expect(find(manifests, "Secret", "kubekloud-api-secret")["stringData"]).toEqual({
    DATABASE_URL: "[secret]",
    POSTGRES_PASSWORD: "[secret]",
    POSTGRES_USER: "[secret]",
  });
});

test("the database is what the seed says", async () => {
  const manifests = await render();
  const deployment = find(manifests, "Deployment", "postgres");
  expect(deployment["spec"]).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  expect(podOf(deployment)).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsUser: 70, fsGroup: 70 },
    containers: [
      {
        image: expect.stringMatching(/^docker\.io\/library\/postgres:16\.\d+-alpine$/),
        args: expect.arrayContaining(["max_connections=200", "shared_buffers=128MB"]),
        readinessProbe: {
          exec: { command: ["pg_isready", "-U", "kubekloud_user", "-h", "127.0.0.1"] },
          initialDelaySeconds: 5,
          periodSeconds: 10,
          timeoutSeconds: 5,
        },
        livenessProbe: { initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5 },
      },
    ],
    volumes: expect.arrayContaining([
      { name: "postgres-storage", persistentVolumeClaim: { claimName: "postgres-pvc" } },
    ]),
  });
  expect(find(manifests, "PersistentVolumeClaim", "postgres-pvc")["spec"]).toEqual({
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "10Gi" } },
  });
  expect(find(manifests, "Service", "postgres-service")["spec"]).toMatchObject({ ports: [{ port: 5432 }] });
});

test("the tables are made before the API, by its own image, and the API waits for them", async () => {
  const manifests = await render({ image: { tag: "v1" } });
  const job = theJob(manifests, "kubekloud-api-schema-");
  const deployment = find(manifests, "Deployment", "kubekloud-api");
  expect(manifests.indexOf(job)).toBeLessThan(manifests.indexOf(deployment));
  expect(manifests.indexOf(theJob(manifests, "postgres-access-"))).toBeLessThan(manifests.indexOf(job));
  expect(podOf(job).containers[0]).toMatchObject({
    image: "harbor.local:30002/kubekloud/api:v1",
    command: ["python", "-c", schemaScript],
  });
  expect(podOf(deployment).initContainers[0]).toMatchObject({
    env: expect.arrayContaining([{ name: "REQUIRED_TABLE", value: "public.instances" }]),
  });
  // Another image is another Job.
  expect(theJob(await render({ image: { tag: "v2" } }), "kubekloud-api-schema-").metadata.name).not.toBe(
    job.metadata.name,
  );
});

test("a missing image holds up nothing unless the settings want it", async () => {
  const awaited = (manifests: Manifest[]) =>
    [
      theJob(manifests, "kubekloud-api-schema-"),
      find(manifests, "Deployment", "kubekloud-api"),
      find(manifests, "Service", "kubekloud-api-service"),
    ].map(({ metadata }) => metadata.annotations?.["pulumi.com/skipAwait"]);
  expect(awaited(await render())).toEqual(["true", "true", "true"]);
  expect(awaited(await render({ imageGate: "await" }))).toEqual([undefined, undefined, undefined]);
});

test("a schema Job that no run waits for goes on until its deadline, and one that a run waits for ends soon", async () => {
  const job = async (settings: Record<string, unknown>) => {
    const { metadata, spec } = theJob(await render(settings), "kubekloud-api-schema-") as Manifest & {
      spec: {
        backoffLimit: number;
        activeDeadlineSeconds: number;
        template: { spec: { restartPolicy: string } };
      };
    };
    return {
      replaced: metadata.annotations?.["pulumi.com/replaceUnready"],
      restartPolicy: spec.template.spec.restartPolicy,
      backoffLimit: spec.backoffLimit,
      deadline: spec.activeDeadlineSeconds,
    };
  };
  const skipped = await job({});
  // In place: seven thousand failed pods would stay otherwise, and each new start reads the logins anew.
  expect(skipped).toMatchObject({ replaced: undefined, restartPolicy: "OnFailure", deadline: 30 * 86_400 });
  // The cluster starts what keeps failing again every five minutes, or every minute at the earliest.
  expect(skipped.backoffLimit).toBeGreaterThan((30 * 86_400) / 60);
  expect(await job({ imageGate: "await" })).toEqual({
    replaced: "true",
    restartPolicy: "Never",
    backoffLimit: 6,
    deadline: 900,
  });
});

test("a run that waits for the image says beforehand how to push it", async () => {
  const warn = jest.spyOn(console, "warn").mockImplementation();
  const pushes = () =>
    warn.mock.calls.filter(([text]) => String(text).includes("docker push harbor.local:30002/")).length;
  try {
    await render();
    expect(pushes()).toBe(0);
    await render({ imageGate: "await" });
    expect(pushes()).toBe(1);
  } finally {
    warn.mockRestore();
  }
});

test("the API may manage virtual machines as the seed has it; that they start takes the setting", async () => {
  const groups = (manifests: Manifest[]) =>
    (find(manifests, "ClusterRole", "kubekloud-api-role")["rules"] as { apiGroups: string[] }[]).flatMap(
      ({ apiGroups }) => apiGroups,
    );
  const level = (manifests: Manifest[]) => {
    const { data } = find(manifests, "ConfigMap", "kubekloud-tenant-guard") as unknown as {
      data: Record<string, string>;
    };
    return JSON.parse(data["policy.json"] ?? "").namespaceLabels["pod-security.kubernetes.io/enforce"];
  };
  const [without, having] = [await render(), await render({ kubevirt: true })];
  expect(groups(without)).toEqual(["", "", "apps", "kubevirt.io"]);
  expect(level(without)).toBe("baseline");
  expect(groups(having)).toEqual(["", "", "apps", "kubevirt.io"]);
  expect(level(having)).toBe("privileged");
});

test("an ingress closes the user administration and leaves the rest of its path open", async () => {
  const exposure = { type: "ingress", host: "api.kubekloud.example.com", tls: { from: "selfMade" } };
  const administration = async (settings: Record<string, unknown>) => {
    const { metadata, spec } = find(
      await render({ exposure, ...settings }),
      "Ingress",
      "kubekloud-api-ingress-users",
    ) as Manifest & {
      spec: { rules: { http: { paths: { path: string; pathType: string }[] } }[] };
    };
    return {
      annotations: metadata.annotations,
      paths: spec.rules[0]?.http.paths.map(({ path, pathType }) => `${pathType} ${path}`),
    };
  };
  expect(await administration({})).toEqual({
    annotations: {
      "nginx.ingress.kubernetes.io/ssl-redirect": "true",
      "nginx.ingress.kubernetes.io/denylist-source-range": "0.0.0.0/0,::/0",
      "pulumi.com/skipAwait": "true",
    },
    paths: ["Exact /api/v1/users", "Exact /api/v1/users/"],
  });
  const some = await administration({ userAdministration: { allowedSources: ["10.1.0.0/24"] } });
  expect(some.annotations).toMatchObject({ "nginx.ingress.kubernetes.io/whitelist-source-range": "10.1.0.0/24" });
  const open = await render({ exposure, userAdministration: { open: true } });
  expect(open.filter(({ kind }) => kind === "Ingress")).toHaveLength(1);
});

test("an API behind an ingress knows that its clients came by HTTPS, and takes nobody's word for it elsewhere", async () => {
  const trusted = { name: "FORWARDED_ALLOW_IPS", value: "*" };
  const environment = async (exposure: Record<string, unknown>) =>
    podOf(find(await render({ exposure }), "Deployment", "kubekloud-api")).containers[0]?.["env"];
  const ingress = { type: "ingress", host: "api.example.com", tls: { from: "selfMade" } };
  expect(await environment(ingress)).toContainEqual(trusted);
  expect(await environment({ type: "loadBalancer", allowedSources: ["10.0.0.0/8"] })).not.toContainEqual(trusted);
});

test("pods are no clients of a load balancer, unless they are named or everybody is one", async () => {
  const clients = async (allowedSources: string[], open = false) =>
    clientsOf(await render({ exposure: { type: "loadBalancer", allowedSources }, userAdministration: { open } }));
  expect(await clients(["10.0.0.0/8", "192.168.0.0/16"])).toEqual([
    { ipBlock: { cidr: "10.0.0.0/8", except: ["10.244.0.0/16"] } },
    { ipBlock: { cidr: "192.168.0.0/16" } },
  ]);
  for (const named of ["10.244.0.0/16", "10.244.7.0/24"]) {
    expect(await clients([named])).toEqual([{ ipBlock: { cidr: named } }]);
  }
  // A part that is named does not open the rest.
  expect(await clients(["10.0.0.0/8", "10.244.7.0/24"])).toEqual([
    { ipBlock: { cidr: "10.0.0.0/8", except: ["10.244.0.0/16"] } },
    { ipBlock: { cidr: "10.244.7.0/24" } },
  ]);
  expect(await clients(["10.0.0.0/8"], true)).toEqual([{ ipBlock: { cidr: "10.0.0.0/8" } }]);
});

test("the ranges of a load balancer hold at the nodes and in the network policy, too", async () => {
  const manifests = await render({ exposure: { type: "loadBalancer", allowedSources: ["198.51.100.0/24"] } });
  expect(find(manifests, "Service", "kubekloud-api-service")["spec"]).toMatchObject({
    loadBalancerSourceRanges: ["198.51.100.0/24"],
    allocateLoadBalancerNodePorts: false,
    externalTrafficPolicy: "Local",
  });
  expect(clientsOf(manifests)).toEqual([{ ipBlock: { cidr: "198.51.100.0/24" } }]);

  const open = await render({ exposure: { type: "loadBalancer" }, userAdministration: { open: true } });
  expect(find(open, "Service", "kubekloud-api-service")["spec"]).not.toHaveProperty("externalTrafficPolicy");
  expect(clientsOf(open)).toEqual([{ ipBlock: { cidr: "0.0.0.0/0" } }]);
});

/** Who may connect to the API. */
function clientsOf(manifests: readonly Manifest[]): unknown[] {
  const { spec } = find(manifests, "NetworkPolicy", "network-kubekloud-api-kubekloud-api") as unknown as {
    spec: { ingress: { from: unknown[] }[] };
  };
  return spec.ingress.flatMap(({ from }) => from);
}

test("an encrypted database is checked against the platform's own authority", async () => {
  const manifests = await render({ database: { tls: true } });
  expect(podOf(find(manifests, "Deployment", "postgres")).containers[0]?.["args"]).toEqual(
    expect.arrayContaining(["ssl=on"]),
  );
  const api = podOf(find(manifests, "Deployment", "kubekloud-api"));
  for (const container of [...api.containers, ...api.initContainers]) {
    expect(container["env"]).toContainEqual({ name: "PGSSLROOTCERT", value: "/etc/postgres-authority/ca.crt" });
    expect(container["volumeMounts"]).toContainEqual(expect.objectContaining({ mountPath: "/etc/postgres-authority" }));
  }
});

test.each([
  ["the defaults", {}],
  ["a pinned image", { image: { digest: `sha256:${"a".repeat(64)}` } }],
  ["one pod", { scaling: { type: "fixed", replicas: 1 } }],
  ["everything there is", { kubevirt: true, database: { tls: true, exporter: true }, tenants: { internet: true } }],
  ["an ingress", { exposure: { type: "ingress", host: "api.example.com", tls: { from: "selfMade" } } }],
])("%s keeps to every rule of the policy", async (_, kubekloud) => {
  expect(checkManifests(await render(kubekloud))).toEqual([]);
});

const tenantFacts: TenantPolicyFacts = {
  podSecurity: "baseline",
  virtualMachines: false,
  quota: { cpu: "4", memory: "8Gi", storage: "1Gi", pods: 5 },
  containerDefaults: { cpu: "250m", memory: "256Mi" },
  internet: true,
  clusterCidrs: ["10.96.0.0/12", "203.0.113.0/24", "fd00::/8"],
  dns: { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } },
};

/** The spec of the one object of a kind that tenant namespaces get. */
function tenantSpec<Spec>(kind: string, facts: TenantPolicyFacts): Spec | undefined {
  const { objects } = JSON.parse(tenantPolicy(facts)) as { objects: { object: { kind: string; spec: Spec } }[] };
  return objects.find(({ object }) => object.kind === kind)?.object.spec;
}

test("virtual machines, which ask for memory and name no limit, get none and need none", () => {
  interface Limits {
    readonly limits: { readonly default?: unknown; readonly defaultRequest: unknown }[];
  }
  const limits = (virtualMachines: boolean) =>
    tenantSpec<Limits>("LimitRange", { ...tenantFacts, virtualMachines })?.limits;
  const hard = (virtualMachines: boolean) =>
    tenantSpec<{ hard: Record<string, string> }>("ResourceQuota", { ...tenantFacts, virtualMachines })?.hard;
  const { containerDefaults } = tenantFacts;
  expect(limits(true)).toEqual([{ type: "Container", defaultRequest: containerDefaults }]);
  expect(limits(false)).toEqual([{ type: "Container", default: containerDefaults, defaultRequest: containerDefaults }]);
  expect(hard(true)).toMatchObject({ "requests.cpu": "4", "requests.memory": "8Gi", pods: "5" });
  expect(Object.keys(hard(true) ?? {}).filter((key) => key.startsWith("limits."))).toEqual([]);
  expect(hard(false)).toMatchObject({ "limits.cpu": "4", "limits.memory": "8Gi" });
});

test("tenants that may use the Internet reach neither the cluster nor private networks", () => {
  const policy = tenantSpec<{ egress: unknown[] }>("NetworkPolicy", tenantFacts);
  expect(policy?.egress.at(-1)).toEqual({
    to: [
      {
        ipBlock: {
          cidr: "0.0.0.0/0",
          except: [
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "203.0.113.0/24",
          ],
        },
      },
    ],
  });
});
