import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import { Provider } from "@pulumi/kubernetes";
import { platformTroubles } from "../../cli/shared/platform-health";
import { clusterReset, clusterUp, type SandboxCluster } from "../../sandbox/cluster";
import { type RunOptions, type RunResult, runStack } from "../../sandbox/engine/run";
import { silentProgress } from "../../sandbox/progress";
import { conversation, SANDBOXES, sandboxPod } from "../support/openhands-conversation";
import { MODEL_KEY, openHandsSite } from "../support/openhands-site";
import { testWith } from "../support/requirements";
import { eventually, removeFolder } from "./cluster-support";
import { Kubectl, type Reply } from "./kubectl-support";

/** OpenHands on the real engine and a real API server. Its pods are simulated, so the tests act in their place. */
const APPLICATION = "system:serviceaccount:openhands:openhands";
const SCRIPT = join(__dirname, "../../components/openhands/scripts/withhold_token.py");

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const whenPython = testWith("python3", hasPython);

const settings = {
  languageModel: { model: "openai/example", apiKey: MODEL_KEY },
  sandbox: { quota: { pods: 2 }, editor: { domain: "code.example.org" } },
};

let folder: string;
let cluster: SandboxCluster;
let kubectl: Kubectl;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "platform-openhands-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: platform\nruntime: nodejs\n");
  writeFileSync(join(folder, "Pulumi.dev.yaml"), "config:\n  platform:cluster: { context: test }\n");
  mkdirSync(join(folder, "sandbox"));
  cluster = await clusterUp(silentProgress, { directory: join(folder, "sandbox") });
  kubectl = await Kubectl.on(cluster);
});

afterAll(async () => {
  await clusterReset({ directory: join(folder, "sandbox") });
  removeFolder(folder);
});

function up(openhands: Readonly<Record<string, unknown>>, options: RunOptions = {}): Promise<RunResult> {
  const { kubeconfig, context, server } = cluster;
  return runStack({
    operation: "up",
    stack: "dev",
    options,
    target: { kind: "sandbox", kubeconfig, context, server },
    repository: folder,
    sandboxFolder: join(folder, "sandbox"),
    providers: "builtin",
    progress: silentProgress,
    program: async () => {
      const provider = new Provider("cluster", {
        kubeconfig,
        context,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      });
      openHandsSite(openhands, { providers: [provider] });
    },
  });
}

const refused = (reply: Reply, reason: string) =>
  expect(reply).toMatchObject({ code: 1, output: expect.stringContaining(reason) });

/** The API server enforces a change of its rules when its caches know it. */
const eventuallyRefused = (object: unknown, reason: string) =>
  eventually(async () => {
    const { output } = await kubectl.createAs(APPLICATION, object, "--dry-run=server");
    return output.includes(reason) || undefined;
  });

const eventuallyAccepted = (object: unknown) =>
  eventually(async () => (await kubectl.createAs(APPLICATION, object, "--dry-run=server")).code === 0 || undefined);

const TOKEN_REASON = "may not have credentials of the Kubernetes API";

test("comes up, keeps its secrets, and stays as it is", async () => {
  await up(settings);
  expect(await kubectl.read("get", "deployments", "-n", "openhands", "-o", "name")).toBe(
    "deployment.apps/openhands\ndeployment.apps/openhands-login",
  );
  const secret = async (name: string, key: string) =>
    Buffer.from(
      await kubectl.read("get", "secret", name, "-n", "openhands", "-o", `jsonpath={.data.${key}}`),
      "base64",
    ).toString();
  const cookie = await secret("openhands-login", "cookie-secret");
  expect(cookie).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(await secret("openhands-secret", "JWT_SECRET")).toMatch(/^[A-Za-z0-9]{64}$/);
  expect(await secret("openhands-language-model", "LLM_API_KEY")).toBe(MODEL_KEY);
  for (const text of [cookie, MODEL_KEY]) expect(writtenText()).not.toContain(text);

  const { counts } = await up(settings, { expectNoChanges: true });
  expect(counts).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
});

/** State and logs of the runs. */
function writtenText(): string {
  return ["state", "work"]
    .map((part) => join(folder, "sandbox", part))
    .flatMap((part) => readdirSync(part, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}

describe("the default account of the sandboxes", () => {
  const script = (env: Readonly<Record<string, string>>) =>
    new Promise<Reply>((resolve) => {
      const child = execFile("python3", ["-B", SCRIPT], { env }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, output: stdout + stderr }),
      );
    });

  test("makes every pod impossible as long as it hands out its token", async () => {
    await eventuallyRefused(sandboxPod("early"), TOKEN_REASON);
  });

  whenPython("gives no token once the Job's script has run, and can be run again", async () => {
    const pod = await kubectl.podEnvironment("openhands", "openhands-sandbox-account", folder);
    const environment = { ...pod, NAMESPACE: SANDBOXES };
    for (const _ of ["first", "second"]) {
      expect(await script(environment)).toEqual({ code: 0, output: expect.stringContaining("gives no token to pods") });
    }
    const mounted = [
      "get",
      "serviceaccount/default",
      "-n",
      SANDBOXES,
      "-o",
      "jsonpath={.automountServiceAccountToken}",
    ];
    expect(await kubectl.read(...mounted)).toBe("false");
  });

  whenPython("is changed by the Job's own account only, and only there", async () => {
    const application = await kubectl.podEnvironment("openhands", "openhands", folder);
    expect(await script({ ...application, NAMESPACE: SANDBOXES })).toEqual({
      code: 2,
      output: expect.stringContaining("refuses to change the default account of openhands-runtime: 403"),
    });
    const own = ["--as", "system:serviceaccount:openhands:openhands-sandbox-account", "-n"];
    for (const request of [
      ["patch", "serviceaccounts/openhands", ...own, "openhands"],
      ["patch", "serviceaccounts/other", ...own, SANDBOXES],
      ["get", "serviceaccounts/default", ...own, SANDBOXES],
      ["create", "pods", ...own, SANDBOXES],
    ]) {
      expect(await kubectl.run(["auth", "can-i", ...request])).toMatchObject({ code: 1 });
    }
  });
});

describe("the application's account", () => {
  beforeAll(async () => {
    // What the Job does in a cluster whose pods are real.
    const patch = ["-n", SANDBOXES, "--type=merge", "-p", '{"automountServiceAccountToken":false}'];
    await kubectl.read("patch", "serviceaccount/default", ...patch);
    await eventuallyAccepted(sandboxPod("early"));
  });

  test("makes what a conversation needs, looks at it, and removes it", async () => {
    const objects = conversation("one");
    for (const object of objects) {
      expect(await kubectl.createAs(APPLICATION, object)).toMatchObject({ code: 0 });
    }
    const asApplication = ["-n", SANDBOXES, "--as", APPLICATION];
    const pod = await eventually(async () => {
      const { output } = await kubectl.run(["get", "pod/openhands-runtime-one", ...asApplication, "-o", "json"]);
      const read = JSON.parse(output) as {
        status: { phase: string };
        spec: { volumes: unknown[]; containers: { resources: { limits: unknown } }[] };
      };
      return read.status.phase === "Running" ? read : undefined;
    });
    expect(pod.spec.volumes).toHaveLength(1); // no token
    expect(pod.spec.containers[0]?.resources.limits).toEqual({ cpu: "2", memory: "2Gi" });
    expect(await kubectl.run(["get", "pvc/openhands-runtime-one-pvc", ...asApplication])).toMatchObject({ code: 0 });
    for (const { kind, metadata } of objects) {
      const removal = ["delete", kind, metadata.name, "--wait=false", ...asApplication];
      expect(await kubectl.run(removal)).toMatchObject({ code: 0 });
    }
  });

  test("has exactly the rights that the runtime uses", async () => {
    const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview" };
    const rights = async (namespace: string) => {
      const raw = ["create", "--raw", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "--as", APPLICATION];
      const { output } = await kubectl.run([...raw, "-f", "-"], { ...review, spec: { namespace } });
      const { status } = JSON.parse(output) as { status: { resourceRules: Record<string, string[]>[] } };
      return status.resourceRules
        .filter(({ apiGroups }) => !apiGroups?.some((group) => /^auth/.test(group))) // questions about oneself
        .flatMap(({ resources = [], verbs = [] }) => resources.map((each) => `${each}: ${[...verbs].sort().join(" ")}`))
        .sort();
    };
    expect(await rights(SANDBOXES)).toEqual([
      "ingresses: create delete",
      "persistentvolumeclaims: create delete get",
      "pods: create delete get",
      "services: create delete",
    ]);
    for (const other of ["openhands", "default", "kube-system"]) expect(await rights(other)).toEqual([]);
  });

  test.each([
    ["list pods", ["get", "pods"]],
    ["read secrets", ["get", "secrets"]],
    ["change the rights", ["patch", "role/openhands-runtime", "-p", "{}"]],
    ["lift the limits", ["delete", "resourcequota/openhands-sandbox-quota"]],
    ["open the network", ["delete", "networkpolicy/openhands-sandbox"]],
  ])("cannot %s", async (_, request) => {
    const [verb = "", ...rest] = request;
    refused(await kubectl.run([verb, "-n", SANDBOXES, "--as", APPLICATION, ...rest]), "forbidden");
  });

  test("cannot make a pod next to itself", async () => {
    refused(await kubectl.createAs(APPLICATION, sandboxPod("x", {}, {}, "openhands")), "cannot create resource");
  });

  const eventuallyMade = (id: string) =>
    eventually(async () => (await kubectl.createAs(APPLICATION, sandboxPod(id))).code === 0 || undefined);

  test("gets no more sandboxes than the quota allows", async () => {
    for (const id of ["two", "three"]) await eventuallyMade(id);
    await eventuallyRefused(sandboxPod("four"), "exceeded quota: openhands-sandbox-quota");
    await kubectl.read("delete", "pods", "--all", "-n", SANDBOXES, "--grace-period=0", "--force");
  });

  test("has a sandbox that does not start in the status, with the reason", async () => {
    await eventuallyMade("lost"); // nobody has made its claim
    const objects = async (...what: string[]) => {
      const list = JSON.parse(await kubectl.read("get", ...what, "-o", "json")) as { items: KubernetesObject[] };
      return list.items;
    };
    const trouble = await eventually(async () => {
      const troubles = platformTroubles(await objects("namespaces"), await objects("pods", "-A"));
      return troubles.find(({ problem }) => problem.includes("Unschedulable"));
    });
    expect(trouble).toEqual({
      system: "openhands",
      namespace: SANDBOXES,
      problem: expect.stringMatching(/^Pod openhands-runtime-lost: .*"openhands-runtime-lost-pvc" not found/),
    });
    await kubectl.read("delete", "pods", "--all", "-n", SANDBOXES, "--grace-period=0", "--force");
  });
});

const node: [title: string, pod: unknown][] = [
  ["a directory of the node", sandboxPod("host", { volumes: [{ name: "workspace-volume", hostPath: { path: "/" } }] })],
  ["the node's network", sandboxPod("host", { hostNetwork: true })],
  ["the node's processes", sandboxPod("host", { hostPID: true })],
  ["the node's shared memory", sandboxPod("host", { hostIPC: true })],
];
const privilege: [title: string, pod: unknown][] = [
  ["a privileged container", sandboxPod("power", {}, { securityContext: { privileged: true } })],
  [
    "a privileged init container",
    sandboxPod("power", { initContainers: [{ name: "i", image: "x", securityContext: { privileged: true } }] }),
  ],
  ["a capability", sandboxPod("power", {}, { securityContext: { capabilities: { add: ["SYS_ADMIN"] } } })],
];
const NODE_REASON = "may not use the node's network, processes or files";
const PRIVILEGE_REASON = "may not be privileged or add capabilities";

describe("the admission policy, with the Pod Security level taken away", () => {
  beforeAll(async () => {
    const level = "pod-security.kubernetes.io/enforce=privileged";
    await kubectl.read("label", "--overwrite", "namespace", SANDBOXES, level);
    await eventuallyRefused(node[0]?.[1], NODE_REASON);
  });

  test.each(node)("keeps out %s", async (_, pod) => {
    refused(await kubectl.createAs(APPLICATION, pod), NODE_REASON);
  });

  test.each(privilege)("keeps out %s", async (_, pod) => {
    refused(await kubectl.createAs(APPLICATION, pod), PRIVILEGE_REASON);
  });

  test("keeps out tokens, ways past the ingress controller, and hosts of other systems", async () => {
    const [, , service, , ingress] = conversation("out");
    refused(await kubectl.createAs(APPLICATION, sandboxPod("t", { automountServiceAccountToken: true })), TOKEN_REASON);
    const changed = (spec: object) => ({ ...service, spec: { ...service?.spec, ...spec } });
    for (const spec of [{ type: "NodePort" }, { externalIPs: ["192.0.2.1"] }]) {
      refused(await kubectl.createAs(APPLICATION, changed(spec)), "type ClusterIP and have no external addresses");
    }
    const ingressOf = (host: string, annotations = {}) => ({
      ...(JSON.parse(JSON.stringify(ingress).replaceAll("out.code.example.org", host)) as object),
      metadata: { ...ingress?.metadata, annotations },
    });
    for (const host of ["harbor.example.org", "a.out.code.example.org", "outxcode.example.org", "code.example.org"]) {
      refused(await kubectl.createAs(APPLICATION, ingressOf(host)), "hosts below code.example.org only");
    }
    for (const annotations of [
      { "nginx.ingress.kubernetes.io/server-alias": "harbor.example.org" },
      { "external-dns.alpha.kubernetes.io/hostname": "harbor.example.org" },
    ]) {
      const object = ingressOf("out.code.example.org", annotations);
      refused(await kubectl.createAs(APPLICATION, object), "have no annotation but external-dns");
    }
  });

  test("holds for everybody, not only for the application", async () => {
    refused(await kubectl.run(["create", "-f", "-"], node[0]?.[1]), NODE_REASON);
  });

  test("leaves other namespaces alone", async () => {
    const pod = sandboxPod("other", { hostNetwork: true }, {}, "default");
    expect(await kubectl.run(["create", "--dry-run=server", "-f", "-"], pod)).toMatchObject({ code: 0 });
  });
});

describe("settings that allow more", () => {
  const sandbox = { ...settings.sandbox, privileged: true, runtimeClass: { name: "gvisor", setBy: "cluster" } };
  const isolated = { runtimeClassName: "gvisor" };

  beforeAll(async () => {
    const runtimeClass = { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "gvisor" } };
    await kubectl.run(["create", "-f", "-"], { ...runtimeClass, handler: "runsc" });
    await up({ ...settings, sandbox }, { refresh: true });
    await eventuallyAccepted(sandboxPod("power", isolated, { securityContext: { privileged: true } }));
  });

  test("allow just that: the node stays closed, and the RuntimeClass is demanded", async () => {
    refused(await kubectl.createAs(APPLICATION, sandboxPod("host", { ...isolated, hostPID: true })), NODE_REASON);
    refused(await kubectl.createAs(APPLICATION, sandboxPod("plain")), "have to run with the RuntimeClass gvisor");
  });
});
