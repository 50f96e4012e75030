import { clusterDown, clusterUp } from "../../sandbox/cluster";
import type { ApiClient } from "../../sandbox/cluster/api-client";
import { silentProgress } from "../../sandbox/progress";
import { apiOf, eventually, temporarySandbox } from "./cluster-support";

const { directory, remove } = temporarySandbox();
afterAll(remove);

let api: ApiClient;
beforeAll(async () => {
  api = apiOf(await clusterUp(silentProgress, { directory }), directory);
});

interface PodStatus {
  readonly phase: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly containerStatuses?: readonly Record<string, unknown>[];
}

async function create(path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const reply = await api.request("POST", path, body);
  if (reply.status !== 201) throw new Error(reply.body);
}

async function read(path: string): Promise<Record<string, unknown>> {
  return JSON.parse((await api.request("GET", path)).body) as Record<string, unknown>;
}

function podSpec(app: string, fail: string | undefined) {
  return {
    metadata: {
      labels: { app },
      annotations: fail === undefined ? {} : { "sandbox.platform/fail": fail },
    },
    spec: { containers: [{ name: "main", image: "registry.test/app:1" }] },
  };
}

/** Creates a Deployment and gives the status of its pod once the simulated kubelet has set it. */
async function deploy(app = "fine", fail?: string): Promise<PodStatus> {
  await create("/apis/apps/v1/namespaces/default/deployments", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: app },
    spec: { selector: { matchLabels: { app } }, template: podSpec(app, fail) },
  });
  return eventually(async () => {
    const { items } = await read(`/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`);
    const status = (items as { status: PodStatus }[])[0]?.status;
    return status?.containerStatuses === undefined ? undefined : status;
  });
}

async function runJob(name: string, fail?: string): Promise<Record<string, unknown>> {
  const { metadata, spec } = podSpec(name, fail);
  const path = "/apis/batch/v1/namespaces/default/jobs";
  await create(path, {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: { metadata: { annotations: metadata.annotations }, spec: { ...spec, restartPolicy: "Never" } },
    },
  });
  return eventually(async () => {
    const status = (await read(`${path}/${name}`))["status"] as { conditions?: { type: string }[] };
    return status.conditions?.some(({ type }) => type === "Complete" || type === "Failed") ? status : undefined;
  });
}

test("pods become ready", async () => {
  const { phase, conditions } = await deploy();
  expect(phase).toBe("Running");
  expect(conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
});

test("a pod can fail to get its image", async () => {
  const { phase, containerStatuses } = await deploy("image-pull", "image-pull");
  expect(phase).toBe("Pending");
  expect(containerStatuses?.[0]).toMatchObject({
    ready: false,
    state: { waiting: { reason: "ImagePullBackOff", message: expect.stringContaining("registry.test/app:1") } },
  });
});

test("a pod can crash again and again", async () => {
  const { containerStatuses } = await deploy("crash", "crash");
  expect(containerStatuses?.[0]).toMatchObject({
    restartCount: 3,
    state: { waiting: { reason: "CrashLoopBackOff" } },
    lastState: { terminated: { exitCode: 1, message: expect.stringContaining("exit code 1") } },
  });
});

test("a pod can run without getting ready", async () => {
  const { phase, conditions } = await deploy("not-ready", "not-ready");
  expect(phase).toBe("Running");
  expect(conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "False" }));
});

test("a Job completes, or fails when it is told to", async () => {
  expect(await runJob("good")).toMatchObject({ succeeded: 1 });
  expect(await runJob("bad", "crash")).toMatchObject({ failed: 1 });
});

test("a claim without a class is bound through the default one", async () => {
  const path = "/api/v1/namespaces/default/persistentvolumeclaims";
  await create(path, {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  const spec = await eventually(async () => {
    const claim = await read(`${path}/data`);
    return (claim["status"] as { phase?: string }).phase === "Bound" ? claim["spec"] : undefined;
  });
  expect(spec).toMatchObject({ storageClassName: "standard" });
});

test("load balancers and Ingresses get an address", async () => {
  await create("/api/v1/namespaces/default/services", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "public" },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  });
  const backend = { service: { name: "public", port: { number: 80 } } };
  await create("/apis/networking.k8s.io/v1/namespaces/default/ingresses", {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "public" },
    spec: { ingressClassName: "nginx", rules: [{ http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
  });
  for (const path of [
    "/api/v1/namespaces/default/services",
    "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
  ]) {
    const address = await eventually(async () => {
      const { loadBalancer } = (await read(`${path}/public`))["status"] as {
        loadBalancer: { ingress?: { ip: string }[] };
      };
      return loadBalancer.ingress?.[0]?.ip;
    });
    expect(address).toBe("127.0.0.1");
  }
});

test("Pod Security admission is enforced", async () => {
  await create("/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "strict", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "careless" },
    spec: podSpec("careless", undefined).spec,
  };
  const { status, body } = await eventually(async () => {
    const reply = await api.request("POST", "/api/v1/namespaces/strict/pods", pod);
    // Until the namespace has its service account, that is the reason for the refusal.
    return reply.body.includes("serviceaccount") ? undefined : reply;
  });
  expect(status).toBe(403);
  expect(body).toContain("violates PodSecurity");
});

test("nodes go on telling that they live, without a lease that a restart would have to wait for", async () => {
  const heartbeats = async () => {
    const { items } = await read("/api/v1/nodes");
    const nodes = items as { status: { conditions: { type: string; lastHeartbeatTime: string }[] } }[];
    return nodes.map(({ status }) => status.conditions.find(({ type }) => type === "Ready")?.lastHeartbeatTime);
  };
  const before = await heartbeats();
  expect(before).toHaveLength(3);
  await eventually(async () => {
    const now = await heartbeats();
    return now.every((time, index) => time !== before[index]) ? true : undefined;
  });
  expect((await read("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"))["items"]).toEqual([]);
});

test("a cluster that is started again runs new pods", async () => {
  await clusterDown({ directory });
  await clusterUp(silentProgress, { directory });
  expect((await deploy("after-restart")).phase).toBe("Running");
});
