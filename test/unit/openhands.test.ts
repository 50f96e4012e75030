import { checkManifests } from "../../policy/check";
import type { Manifest } from "../../stacks/render";
import { MODEL_KEY, openHandsSite } from "../support/openhands-site";
import { renderComponent } from "../support/render-component";
import { find } from "../support/render-settings";

type Fields = Record<string, unknown>;

interface PodSpec extends Fields {
  readonly containers: readonly (Fields & { readonly env: Fields[]; readonly args: string[] })[];
  readonly initContainers?: readonly Fields[];
}

const render = async (openhands: Fields = {}): Promise<readonly Manifest[]> =>
  (await renderComponent(() => openHandsSite(openhands))).manifests;

function specOf<Spec = Fields>(manifests: readonly Manifest[], kind: string, name: string): Spec {
  return find(manifests, kind, name)["spec"] as Spec;
}

const podOf = (manifests: readonly Manifest[], name = "openhands") =>
  specOf<{ template: { spec: PodSpec } }>(manifests, "Deployment", name).template.spec;

const configurationOf = (manifests: readonly Manifest[]) =>
  (find(manifests, "ConfigMap", "openhands")["data"] as Record<string, string>)["config.toml"];

const languageModel = { model: "openai/qwen2.5-72b", url: "https://llm.example.org/v1", apiKey: MODEL_KEY };

test("the application is what the seed and its image need", async () => {
  const manifests = await render();
  expect(specOf(manifests, "Deployment", "openhands")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  const pod = podOf(manifests);
  expect(pod).toMatchObject({
    serviceAccountName: "openhands",
    automountServiceAccountToken: true,
    terminationGracePeriodSeconds: 60,
    securityContext: { runAsNonRoot: true, runAsUser: 42420, fsGroup: 42420 },
    containers: [
      {
        image: "docker.openhands.dev/openhands/openhands:0.62",
        ports: [{ name: "http", containerPort: 3000 }],
        startupProbe: { httpGet: { path: "/alive" } },
        readinessProbe: { httpGet: { path: "/health" } },
        livenessProbe: { httpGet: { path: "/alive" } },
        resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "4Gi" } },
      },
    ],
  });
  expect(pod.containers[0]?.env).toEqual(
    expect.arrayContaining([
      { name: "NO_SETUP", value: "true" },
      { name: "OH_PERSISTENCE_DIR", value: "/.openhands" },
      { name: "WEB_HOST", value: "openhands.example.org" },
      { name: "JWT_SECRET", valueFrom: { secretKeyRef: { name: "openhands-secret", key: "JWT_SECRET" } } },
    ]),
  );
  expect(specOf(manifests, "PersistentVolumeClaim", "openhands-state")).toEqual({
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "10Gi" } },
  });
  expect(specOf(manifests, "Service", "openhands")).toMatchObject({
    type: "ClusterIP",
    ports: [{ port: 8099, targetPort: "http" }],
  });
});

test("placement, strategy and storage are the settings'", async () => {
  const manifests = await render({
    replicas: 2,
    strategy: { type: "RollingUpdate", maxUnavailable: 1, maxSurge: 0 },
    storage: { accessMode: "ReadWriteMany", class: "shared", size: "5Gi" },
    nodeSelector: { disk: "fast" },
    affinity: { nodes: { "topology.kubernetes.io/zone": ["a", "b"] }, near: { app: "gitea" }, apart: { app: "batch" } },
    tolerations: [{ key: "agents", operator: "Exists" }],
  });
  expect(specOf(manifests, "Deployment", "openhands")).toMatchObject({
    replicas: 2,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  });
  expect(podOf(manifests)).toMatchObject({
    nodeSelector: { disk: "fast" },
    tolerations: [{ key: "agents", operator: "Exists" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["a", "b"] }] },
          ],
        },
      },
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100 }] },
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: "batch" } } }],
      },
    },
  });
  expect(specOf(manifests, "PodDisruptionBudget", "openhands")).toMatchObject({ maxUnavailable: 1 });
  expect(checkManifests(manifests)).toEqual([]);
});

test("config.toml says where sandboxes live and what they get", async () => {
  const manifests = await render({
    agent: { maxIterations: 50, browser: false },
    sandbox: {
      resources: { requests: { cpu: "250m" }, limits: { memory: "4Gi" } },
      environment: { GREETING: 'say "hello"' },
      nodeLabel: { key: "pool", value: "agents" },
      tolerations: [{ key: "agents", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 }],
      editor: { domain: "code.example.org" },
    },
    registryProject: "agents",
  });
  expect(configurationOf(manifests)).toBe(`[core]
runtime = "kubernetes"
default_agent = "CodeActAgent"
max_iterations = 50
max_concurrent_conversations = 3
conversation_max_age_seconds = 864000
enable_browser = false

[sandbox]
runtime_container_image = "harbor.example.org/agents/runtime:0.62-nikolaik"
keep_runtime_alive = false
close_delay = 3600
timeout = 120

[sandbox.runtime_startup_env_vars]
GREETING = "say \\"hello\\""

[kubernetes]
namespace = "openhands-runtime"
ingress_domain = "code.example.org"
ingress_tls_secret = "openhands-sandbox-tls"
image_pull_secret = "harbor-regcred"
pvc_storage_size = "2Gi"
resource_cpu_request = "250m"
resource_memory_request = "1Gi"
resource_memory_limit = "4Gi"
node_selector_key = "pool"
node_selector_val = "agents"
tolerations_yaml = "[{\\"effect\\":\\"NoExecute\\",\\"key\\":\\"agents\\",\\"operator\\":\\"Exists\\",\\"toleration_seconds\\":30}]"
privileged = false
`);
  expect(specOf(manifests, "LimitRange", "openhands-sandbox-limits")).toEqual({
    limits: [
      {
        type: "Container",
        default: { cpu: "2", memory: "4Gi" },
        defaultRequest: { cpu: "250m", memory: "1Gi" },
      },
    ],
  });
});

test("images of a project of Harbor are pulled with its login, in both namespaces", async () => {
  const manifests = await render({ registryProject: "agents" });
  expect(podOf(manifests)).toMatchObject({
    imagePullSecrets: [{ name: "harbor-regcred" }],
    containers: [{ image: "harbor.example.org/agents/openhands:0.62" }],
  });
  const secrets = manifests.filter(({ kind, metadata }) => kind === "Secret" && metadata.name === "harbor-regcred");
  expect(secrets.map(({ metadata }) => metadata.namespace).sort()).toEqual(["openhands", "openhands-runtime"]);
});

test("the language model goes to the init container by a Secret and nowhere else", async () => {
  const manifests = await render({ languageModel });
  expect(podOf(manifests).initContainers).toMatchObject([
    {
      command: ["python", "-B", "/etc/openhands/seed_settings.py"],
      envFrom: [{ secretRef: { name: "openhands-language-model" } }],
      volumeMounts: expect.arrayContaining([{ name: "state", mountPath: "/.openhands" }]),
    },
  ]);
  expect(JSON.stringify(podOf(manifests).containers)).not.toContain("openhands-language-model");
  expect(find(manifests, "Secret", "openhands-language-model")["stringData"]).toMatchObject({ LLM_MODEL: "[secret]" });
  expect(JSON.stringify(manifests)).not.toContain(MODEL_KEY);
  expect(podOf(await render()).initContainers).toBeUndefined();
});

test("only the login proxy gets to the application, and only the ingress controller to the login proxy", async () => {
  const manifests = await render({ login: { allowedRoles: ["developers", "testers"], replicas: 2 } });
  const proxy = podOf(manifests, "openhands-login");
  expect(proxy.containers[0]?.args).toEqual(
    expect.arrayContaining([
      "--upstream=http://openhands.openhands.svc.cluster.local:8099/",
      "--oidc-issuer-url=https://keycloak.example.org/realms/cp-realm",
      "--redirect-url=https://openhands.example.org/oauth2/callback",
      "--provider-ca-file=/etc/login-authority/ca.crt",
      "--allowed-group=developers",
      "--allowed-group=testers",
      "--cookie-secure=true",
      "--cookie-name=__Host-oauth2_proxy",
    ]),
  );
  expect(sources(manifests, "network-openhands-openhands")).toEqual([
    [
      "openhands",
      { "app.kubernetes.io/name": "oauth2-proxy", "app.kubernetes.io/instance": "openhands-login" },
      [3000],
    ],
  ]);
  expect(sources(manifests, "network-openhands-openhands-login")).toEqual([
    ["ingress-nginx", { "app.kubernetes.io/name": "ingress-nginx" }, [4180]],
  ]);
  expect(specOf(manifests, "Ingress", "openhands")).toMatchObject({
    rules: [{ http: { paths: [{ backend: { service: { name: "openhands-login" } } }] } }],
  });
});

test("without a login the ingress leads to the application itself", async () => {
  const manifests = await render({ login: { enabled: false } });
  expect(manifests.filter(({ metadata }) => metadata.name === "openhands-login")).toEqual([]);
  expect(sources(manifests, "network-openhands-openhands")).toEqual([
    ["ingress-nginx", { "app.kubernetes.io/name": "ingress-nginx" }, [3000]],
  ]);
  expect(find(manifests, "Ingress", "openhands").metadata.annotations).toMatchObject({
    "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
  });
});

test("sandboxes take commands from the application only, and reach the Internet only", async () => {
  const manifests = await render({
    sandbox: { egress: [{ name: "Code", cidrs: ["0.0.0.0/0", "10.9.0.0/16"], ports: [22, 443] }] },
  });
  expect(sources(manifests, "openhands-sandbox")).toEqual([
    ["openhands", { "app.kubernetes.io/name": "openhands", "app.kubernetes.io/instance": "openhands" }, [8080]],
  ]);
  const { egress } = specOf<{ egress: Fields[] }>(manifests, "NetworkPolicy", "openhands-sandbox");
  expect(egress.slice(1)).toEqual([
    {
      ports: [22, 443].map((port) => ({ protocol: "TCP", port })),
      to: [
        {
          ipBlock: {
            cidr: "0.0.0.0/0",
            except: ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
          },
        },
        { ipBlock: { cidr: "10.9.0.0/16" } },
      ],
    },
  ]);
  const editors = await render({ sandbox: { editor: { domain: "code.example.org" } } });
  expect(sources(editors, "openhands-sandbox")).toContainEqual([
    "ingress-nginx",
    { "app.kubernetes.io/name": "ingress-nginx" },
    [8081],
  ]);
});

/** Who may connect to what a network policy selects: namespace, labels, ports. */
function sources(manifests: readonly Manifest[], policy: string): unknown[] {
  interface Rule {
    from: { namespaceSelector: { matchLabels: Fields }; podSelector: { matchLabels: Fields } }[];
    ports: { port: number }[];
  }
  return specOf<{ ingress: Rule[] }>(manifests, "NetworkPolicy", policy).ingress.flatMap(({ from, ports }) =>
    from.map((peer) => [
      peer.namespaceSelector.matchLabels["kubernetes.io/metadata.name"],
      peer.podSelector.matchLabels,
      ports.map(({ port }) => port),
    ]),
  );
}

test("the application has no right outside of the namespace of the sandboxes", async () => {
  const manifests = await render();
  const bindings = manifests.filter(({ kind, ...rest }) => {
    const subjects = (rest["subjects"] ?? []) as { name: string }[];
    return kind.endsWith("RoleBinding") && subjects.some(({ name }) => name === "openhands");
  });
  expect(bindings.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
    ["RoleBinding", "openhands-runtime"],
  ]);
});

test("a RuntimeClass is demanded, and set where the platform is to set it", async () => {
  const kinds = (manifests: readonly Manifest[]) => manifests.filter(({ kind }) => kind.startsWith("Mutating"));
  const byPlatform = await render({ sandbox: { runtimeClass: { name: "gvisor" } } });
  expect(kinds(byPlatform)).toHaveLength(2);
  expect(JSON.stringify(find(byPlatform, "MutatingAdmissionPolicy", "openhands-sandbox-confinement"))).toContain(
    "Object.spec{runtimeClassName: 'gvisor'}",
  );
  const byCluster = await render({ sandbox: { runtimeClass: { name: "gvisor", setBy: "cluster" } } });
  expect(kinds(byCluster)).toEqual([]);
  for (const manifests of [byPlatform, byCluster]) {
    const policy = find(manifests, "ValidatingAdmissionPolicy", "openhands-sandbox-confinement");
    expect(JSON.stringify(policy)).toContain("runtimeClassName.orValue('') == 'gvisor'");
  }
});

test.each([
  ["the defaults", {}],
  ["no login", { login: { enabled: false } }],
  ["privileged sandboxes", { sandbox: { privileged: true, hostAccess: true } }],
  [
    "everything there is",
    {
      languageModel,
      registryProject: "agents",
      login: { replicas: 2 },
      sandbox: { editor: { domain: "code.example.org" }, runtimeClass: { name: "gvisor" } },
    },
  ],
])("%s: every rule of the policy is kept", async (_, openhands) => {
  expect(checkManifests(await render(openhands))).toEqual([]);
});
