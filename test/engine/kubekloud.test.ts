import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tenantPolicy } from "../../components/kubekloud/tenant-policy";
import { clusterUp } from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";
import { testWith } from "../support/requirements";
import { eventually } from "./cluster-support";
import { Kubectl } from "./kubectl-support";
import { PlatformRun } from "./platform-support";

const NAMESPACE = "kubekloud-api";
const API = "system:serviceaccount:kubekloud-api:kubekloud-api-sa";
const GUARD = "system:serviceaccount:kubekloud-api:kubekloud-tenant-guard";
const SCRIPT = join(__dirname, "../../components/kubekloud/scripts/tenant_guard.py");

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const whenPython = testWith("python3", hasPython);

/** KubeKloud with Harbor, on the real engine and a real API server. The tests build on each other. */
let platform: PlatformRun;
let kubectl: Kubectl;

beforeAll(async () => {
  platform = await PlatformRun.start();
  platform.leaveOut("dev", ["openchecker", "kpaas", "pipeline", "sourceControl", "openhands"]);
  kubectl = await Kubectl.on(await clusterUp(silentProgress, { directory: platform.sandbox }));
});

afterAll(() => platform.remove());

function namespaceObject(name: string, labels: Readonly<Record<string, string>> = { "managed-by": "cmp" }) {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** The pod that the application makes for an instance, with changes. */
function podObject(namespace: string, name: string, spec: Readonly<Record<string, unknown>> = {}, container = {}) {
  const amounts = { cpu: "100m", memory: "128Mi" };
  const main = { name: "main", image: "nginx:latest", resources: { requests: amounts, limits: amounts }, ...container };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec: { containers: [main], ...spec } };
}

/** The virtual machine that the application makes for an instance, with changes. */
function machineObject(name: string, spec: Readonly<Record<string, unknown>> = {}, devices = {}) {
  const domain = { cpu: { cores: 4 }, devices, resources: { requests: { memory: "1Gi" } } };
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name, namespace: "tenant-ns" },
    spec: { running: true, template: { spec: { domain, ...spec } } },
  };
}

/** As much of KubeVirt as the API server needs to know virtual machines. */
const machineDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "virtualmachines.kubevirt.io" },
  spec: {
    group: "kubevirt.io",
    names: { kind: "VirtualMachine", plural: "virtualmachines" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

describe("the platform", () => {
  test("comes up in order: roles before schema, schema before API, and everything belongs together", async () => {
    const { outputs } = await platform.run("up", "dev");
    expect(outputs["readme"]?.value).toContain("docker push harbor.local:30002/kubekloud/api:latest");
    const wayOut = "kubectl delete job -n kubekloud-api -l app.kubernetes.io/instance=kubekloud-api-schema";
    expect(outputs["readme"]?.value).toContain(wayOut);
    expect((await kubectl.run([...wayOut.split(" ").slice(1), "--dry-run=server"])).output).toContain(
      "kubekloud-api-schema-",
    );

    const jobs = JSON.parse(await kubectl.read("get", "jobs", "-n", NAMESPACE, "-o", "json")) as {
      items: { metadata: { name: string; creationTimestamp: string }; status: { completionTime?: string } }[];
    };
    const job = (name: string) => jobs.items.find(({ metadata }) => metadata.name.startsWith(name));
    const deployment = await kubectl.read(
      "get",
      "deployment/kubekloud-api",
      "-n",
      NAMESPACE,
      "-o",
      "jsonpath={.metadata.creationTimestamp}",
    );
    const [access, schema] = [job("postgres-access-"), job("kubekloud-api-schema-")];
    const moments = [access?.status.completionTime, schema?.metadata.creationTimestamp, deployment];
    expect(moments).not.toContain(undefined);
    expect([...moments].sort()).toEqual(moments);

    const secret = async (name: string, key: string) =>
      Buffer.from(
        await kubectl.read("get", "secret", name, "-n", NAMESPACE, "-o", `jsonpath={.data.${key}}`),
        "base64",
      ).toString();
    const password = await secret("kubekloud-api-secret", "POSTGRES_PASSWORD");
    expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(await secret("kubekloud-api-secret", "DATABASE_URL")).toBe(
      `postgresql://kubekloud_user:${password}@postgres-service:5432/kubekloud`,
    );
    expect(JSON.parse(await secret("harbor-regcred", "\\.dockerconfigjson"))).toMatchObject({
      auths: { "harbor.local:30002": { username: "robot$kubekloud+cluster" } },
    });
    expect(platform.writtenText()).not.toContain(password);
  });

  test("has two pods and keeps what the autoscaler decides", async () => {
    const replicas = () =>
      kubectl.read("get", "deployment/kubekloud-api", "-n", NAMESPACE, "-o", "jsonpath={.spec.replicas}");
    await eventually(async () => ((await replicas()) === "2" ? true : undefined));
    await kubectl.read("scale", "deployment/kubekloud-api", "-n", NAMESPACE, "--replicas=5");
    const { counts } = await platform.run("up", "dev", { expectNoChanges: true });
    expect(counts).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
    expect(await replicas()).toBe("5");
  });

  test("lives in a namespace that takes no pod below the level restricted", async () => {
    const { code, output } = await kubectl.run(["create", "-f", "-"], podObject(NAMESPACE, "careless"));
    expect(code).not.toBe(0);
    expect(output).toContain("violates PodSecurity");
  });
});

describe("the API's account", () => {
  // The API server enforces a new admission policy when its cache knows it.
  beforeAll(() =>
    eventually(async () => {
      const { output } = await kubectl.createAs(API, namespaceObject("somebody"), "--dry-run=server");
      return output.includes("names end in -ns") || undefined;
    }),
  );

  test("makes, uses and deletes tenant namespaces", async () => {
    for (const object of [namespaceObject("one-ns"), podObject("one-ns", "one-instance-0")]) {
      await eventually(async () => {
        const { code, output } = await kubectl.createAs(API, object);
        // Until the namespace has its service account, that is the reason for the refusal.
        if (output.includes("serviceaccount")) return undefined;
        expect({ code, output }).toMatchObject({ code: 0 });
        return true;
      });
    }
    expect((await kubectl.run(["delete", "pod", "one-instance-0", "-n", "one-ns", "--as", API])).code).toBe(0);
    expect((await kubectl.run(["delete", "namespace", "one-ns", "--wait=false", "--as", API])).code).toBe(0);
  });

  const refused: [title: string, object: unknown, reason: string][] = [
    ["a namespace with another name", namespaceObject("somebody"), "names end in -ns"],
    ["a namespace without its label", namespaceObject("two-ns", {}), "label managed-by=cmp"],
    [
      "a namespace that chooses its Pod Security level",
      namespaceObject("two-ns", { "managed-by": "cmp", "pod-security.kubernetes.io/enforce": "privileged" }),
      "Pod Security level",
    ],
    [
      "a Service among the platform's",
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "intruder", namespace: NAMESPACE },
        spec: { selector: { app: "postgres" }, ports: [{ port: 5432 }] },
      },
      "names end in -ns",
    ],
    ["a pod in the cluster's own namespace", podObject("kube-system", "intruder"), "names end in -ns"],
    ["a pod in somebody else's namespace of such a name", podObject("other-ns", "intruder"), "label managed-by=cmp"],
    ["a pod on the node's network", podObject("tenant-ns", "host", { hostNetwork: true }), "node's network"],
    [
      "a pod with a directory of the node",
      podObject("tenant-ns", "host", { volumes: [{ name: "root", hostPath: { path: "/" } }] }),
      "node's network, processes or files",
    ],
    [
      "a pod with a port of the node",
      podObject("tenant-ns", "host", {}, { ports: [{ containerPort: 80, hostPort: 8080 }] }),
      "node's network",
    ],
    [
      "a virtual machine with a disk of the node",
      machineObject("host", { volumes: [{ name: "disk", hostDisk: { path: "/disk.img", type: "Disk" } }] }),
      "disks or devices of the node",
    ],
    [
      "a virtual machine with a device of the node",
      machineObject("host", {}, { hostDevices: [{ name: "card", deviceName: "example.com/card" }] }),
      "disks or devices of the node",
    ],
    [
      "a privileged container",
      podObject("tenant-ns", "host", {}, { securityContext: { privileged: true } }),
      "may not be privileged",
    ],
    [
      "a privileged container behind a Deployment",
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "host", namespace: "tenant-ns" },
        spec: {
          selector: { matchLabels: { app: "host" } },
          template: {
            metadata: { labels: { app: "host" } },
            spec: { containers: [{ name: "main", image: "nginx", securityContext: { privileged: true } }] },
          },
        },
      },
      "may not be privileged",
    ],
  ];

  describe("cannot make", () => {
    beforeAll(async () => {
      await kubectl.run(["create", "-f", "-"], namespaceObject("other-ns", {}));
      await kubectl.run(["create", "-f", "-"], namespaceObject("tenant-ns"));
      await eventually(async () =>
        (await kubectl.run(["get", "serviceaccount/default", "-n", "tenant-ns"])).code === 0 ? true : undefined,
      );
      await kubectl.run(["create", "-f", "-"], machineDefinition);
      await kubectl.read("wait", "--for=condition=Established", "crd/virtualmachines.kubevirt.io");
    });

    test.each(refused)("%s", async (_, object, reason) => {
      const { code, output } = await kubectl.createAs(API, object);
      expect(code).not.toBe(0);
      expect(output).toContain(reason);
    });

    test("but virtual machines like those of the application", async () => {
      expect(await kubectl.createAs(API, machineObject("one"))).toMatchObject({ code: 0 });
    });
  });

  test("cannot delete or read what is not a tenant's", async () => {
    for (const target of [
      ["namespace", "harbor-system"],
      ["namespace", "other-ns"],
      ["deployment", "postgres", "-n", NAMESPACE],
      ["persistentvolumeclaim", "postgres-pvc", "-n", NAMESPACE],
    ]) {
      const { code, output } = await kubectl.run(["delete", ...target, "--wait=false", "--as", API]);
      expect({ target, code, output }).toMatchObject({
        code: 1,
        output: expect.stringMatching(/tenant namespaces only/),
      });
    }
    for (const request of [
      ["get", "secrets", "-n", NAMESPACE],
      ["get", "nodes"],
    ]) {
      expect((await kubectl.run([...request, "--as", API])).code).not.toBe(0);
    }
    // Its own objects, as the guard's, are out of reach, too.
    expect((await kubectl.run(["label", "namespace", "tenant-ns", "managed-by-", "--as", API])).code).not.toBe(0);
  });
});

describe("the tenant guard", () => {
  let folder: string;
  let guard: ChildProcess | undefined;
  let log = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "platform-guard-"));
  });
  afterAll(async () => {
    if (guard !== undefined && guard.exitCode === null) {
      const child = guard;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    rmSync(folder, { recursive: true });
  });

  /** Starts the script as its pod does: with its own account, its own policy file, and the address of the API server. */
  async function start(): Promise<void> {
    const environment = await kubectl.podEnvironment(NAMESPACE, "kubekloud-tenant-guard", folder);
    const policy = await kubectl.read(
      "get",
      "configmap/kubekloud-tenant-guard",
      "-n",
      NAMESPACE,
      "-o",
      "jsonpath={.data.policy\\.json}",
    );
    writeFileSync(join(folder, "policy.json"), policy);
    guard = spawn("python3", ["-B", SCRIPT], {
      env: {
        ...environment,
        POLICY_FILE: join(folder, "policy.json"),
        HEARTBEAT_FILE: join(folder, "heartbeat"),
      },
    });
    for (const stream of [guard.stdout, guard.stderr]) stream?.on("data", (text: Buffer) => (log += text.toString()));
  }

  const logged = (text: string) => eventually(async () => (log.includes(text) ? true : undefined));

  whenPython("protects namespaces that exist and those that the API makes", async () => {
    await start();
    await logged("tenant-ns: protected");
    expect((await kubectl.createAs(API, namespaceObject("three-ns"))).code).toBe(0);
    await logged("three-ns: protected");

    const kinds = "networkpolicy,limitrange,resourcequota";
    expect((await kubectl.read("get", kinds, "-n", "three-ns", "-o", "name")).split("\n").sort()).toEqual([
      "limitrange/tenant-limits",
      "networkpolicy.networking.k8s.io/tenant-isolation",
      "resourcequota/tenant-quota",
    ]);
    expect(await kubectl.read("get", kinds, "-n", "other-ns", "-o", "name")).toBe("");
    expect(log).not.toContain("other-ns");
    expect(readFileSync(join(folder, "heartbeat"), "utf8")).toBe("");
  });

  whenPython("lets the API's pods run, and nothing that goes beyond quota or level", async () => {
    const { code, output } = await eventually(async () => {
      const reply = await kubectl.createAs(API, podObject("three-ns", "three-instance-0"));
      return reply.output.includes("serviceaccount") || reply.output.includes("status unknown for quota")
        ? undefined
        : reply;
    });
    expect({ code, output }).toMatchObject({ code: 0 });
    const huge = podObject("three-ns", "huge", {}, { resources: { limits: { cpu: "1k", memory: "1Ti" } } });
    // The quota is in force by then, but pods get past it as long as the server's cache lacks it.
    await eventually(async () => {
      const { output: refusal } = await kubectl.createAs(API, huge, "--dry-run=server");
      return refusal.includes("exceeded quota: tenant-quota") || undefined;
    });
    // Somebody with more rights than the API is held back by the level of the namespace.
    const host = podObject("three-ns", "host", { hostNetwork: true });
    expect((await kubectl.run(["create", "-f", "-"], host)).output).toContain("violates PodSecurity");
  });

  whenPython("brings back what somebody deleted", async () => {
    await kubectl.read("delete", "resourcequota/tenant-quota", "-n", "three-ns");
    await kubectl.read("annotate", "namespace/three-ns", "touched=yes"); // sooner than the next look at all of them
    await eventually(async () =>
      (await kubectl.run(["get", "resourcequota/tenant-quota", "-n", "three-ns"])).code === 0 ? true : undefined,
    );
  });

  test("has no power over other namespaces, and none over pods", async () => {
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "x", namespace: "harbor-system" },
      spec: { hard: { pods: "0" } },
    };
    expect((await kubectl.createAs(GUARD, quota)).output).toContain("tenant namespaces only");
    expect((await kubectl.run(["label", "namespace", "harbor-system", "x=y", "--as", GUARD])).output).toContain(
      "tenant namespaces only",
    );
    expect((await kubectl.createAs(GUARD, podObject("tenant-ns", "guard"))).output).toContain("cannot create resource");
  });
});

test("a tenant's virtual machine, whose pod asks for memory and has no limit, gets into its namespace", async () => {
  const namespace = "machines";
  await kubectl.run(["create", "-f", "-"], namespaceObject(namespace, {}));
  const { objects } = JSON.parse(
    tenantPolicy({
      podSecurity: "privileged",
      virtualMachines: true,
      quota: { cpu: "4", memory: "8Gi", storage: "1Gi", pods: 5 },
      containerDefaults: { cpu: "250m", memory: "256Mi" },
      internet: false,
      clusterCidrs: [],
      dns: { namespace: "kube-system", podLabels: {} },
    }),
  ) as { objects: { object: unknown }[] };
  for (const { object } of objects) {
    expect(await kubectl.run(["create", "-n", namespace, "-f", "-"], object)).toMatchObject({ code: 0 });
  }
  // KubeVirt asks for a tenth of the cores and for the memory with an overhead.
  const resources = { requests: { cpu: "400m", memory: "1260Mi" } };
  const launcher = podObject(namespace, "virt-launcher", {}, { resources });
  await eventually(async () => {
    const { code, output } = await kubectl.run(["create", "-f", "-"], launcher);
    if (output.includes("serviceaccount") || output.includes("status unknown for quota")) return undefined;
    expect({ code, output }).toMatchObject({ code: 0 });
    return true;
  });
  const made = await kubectl.read("get", "pod/virt-launcher", "-n", namespace, "-o", "jsonpath={..resources}");
  expect(JSON.parse(made)).toEqual(resources);
});
