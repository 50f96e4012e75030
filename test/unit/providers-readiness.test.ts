import { podProblems } from "../../sandbox/providers/kubernetes/await/pod";
import type { Surroundings } from "../../sandbox/providers/kubernetes/await/readiness";
import { ruleFor } from "../../sandbox/providers/kubernetes/await/rules";
import type { PropertyMap } from "../../sandbox/providers/protocol/property-values";

function evaluate(object: PropertyMap, related: Record<string, PropertyMap[]> = {}, unchangedFor = 0) {
  const surroundings: Surroundings = { of: (kind) => related[kind] ?? [], unchangedFor };
  return ruleFor(object)?.evaluate(object, surroundings);
}

const metadata = { name: "web", namespace: "a", uid: "1", generation: 2 };
const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: 2 } };
const complete = { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 };

test("a Deployment is ready when all Pods of the last revision are available", () => {
  expect(evaluate({ ...deployment, status: complete })).toEqual({ state: "ready" });
  expect(evaluate({ ...deployment, status: { ...complete, updatedReplicas: 1 } })?.state).toBe("waiting");
  expect(evaluate({ ...deployment, status: { ...complete, observedGeneration: 1 } })?.state).toBe("waiting");
});

test("a Deployment that waits tells the problems of its own new Pods only", () => {
  const revision = (number: string) => ({ "deployment.kubernetes.io/revision": number });
  const replicaSet = (uid: string, number: string) => ({
    metadata: { uid, annotations: revision(number), ownerReferences: [{ uid: "1" }] },
  });
  const pod = (name: string, owner: string, reason: string) => ({
    metadata: { name, ownerReferences: [{ uid: owner }] },
    status: { containerStatuses: [{ name: "main", state: { waiting: { reason, message: "no such image" } } }] },
  });
  const waiting = { ...deployment, metadata: { ...metadata, annotations: revision("2") }, status: {} };
  const related = {
    ReplicaSet: [replicaSet("old", "1"), replicaSet("new", "2")],
    Pod: [pod("old", "old", "Old"), pod("new", "new", "ImagePullBackOff"), pod("other", "other", "Other")],
  };
  const observed = { ...waiting, status: { observedGeneration: 2 } };
  expect(evaluate(observed, related)).toMatchObject({
    problems: ["Pod new: container main: ImagePullBackOff: no such image"],
  });
});

describe("a StatefulSet of 3 Pods", () => {
  const statefulSet = { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: { replicas: 3 } };
  const rolling = {};
  const partition = { type: "RollingUpdate", rollingUpdate: { partition: 2 } };
  const onDelete = { type: "OnDelete" };

  test.each([
    ["all new and ready", rolling, { readyReplicas: 3, updatedReplicas: 3 }, "ready"],
    ["one of them not ready", rolling, { readyReplicas: 2, updatedReplicas: 3 }, "waiting"],
    ["one of them still old", rolling, { readyReplicas: 3, updatedReplicas: 2 }, "waiting"],
    ["those above the partition new", partition, { readyReplicas: 3, updatedReplicas: 1 }, "ready"],
    ["none of those above the partition new", partition, { readyReplicas: 3, updatedReplicas: 0 }, "waiting"],
    ["one below the partition not ready", partition, { readyReplicas: 2, updatedReplicas: 1 }, "waiting"],
    ["old ones that nobody has deleted yet", onDelete, { readyReplicas: 3, updatedReplicas: 0 }, "ready"],
    ["old ones that are not ready", onDelete, { readyReplicas: 2, updatedReplicas: 0 }, "waiting"],
    ["no status yet", rolling, {}, "waiting"],
    [
      "the status of the generation before",
      rolling,
      { ...complete, readyReplicas: 3, observedGeneration: 1 },
      "waiting",
    ],
  ])("with %s", (_, updateStrategy, counts, state) => {
    const spec = { ...statefulSet.spec, updateStrategy };
    expect(evaluate({ ...statefulSet, spec, status: { observedGeneration: 2, ...counts } })?.state).toBe(state);
  });

  test("tells how many are ready and the problems of its own Pods only", () => {
    const pod = (name: string, uid: string) => ({
      metadata: { name, ownerReferences: [{ uid }] },
      status: { containerStatuses: [{ name: "main", state: { waiting: { reason: "ImagePullBackOff" } } }] },
    });
    const status = { observedGeneration: 2, readyReplicas: 1, updatedReplicas: 2 };
    expect(evaluate({ ...statefulSet, status }, { Pod: [pod("web-1", "1"), pod("other-0", "2")] })).toEqual({
      state: "waiting",
      status: "Waiting for the Pods to be ready (1/3)",
      problems: ["Pod web-1: container main: ImagePullBackOff"],
    });
  });
});

describe("a DaemonSet on 2 nodes", () => {
  const rolling = { type: "RollingUpdate" };
  const onDelete = { type: "OnDelete" };
  const scheduled = { observedGeneration: 2, desiredNumberScheduled: 2 };

  test.each([
    ["all new and available", rolling, { numberAvailable: 2, updatedNumberScheduled: 2 }, "ready"],
    ["one not available", rolling, { numberAvailable: 1, updatedNumberScheduled: 2 }, "waiting"],
    ["one still old", rolling, { numberAvailable: 2, updatedNumberScheduled: 1 }, "waiting"],
    ["old Pods that nobody has deleted yet", onDelete, { numberAvailable: 2, updatedNumberScheduled: 0 }, "ready"],
    ["old Pods that are not available", onDelete, { numberAvailable: 1 }, "waiting"],
    ["no node that it fits", rolling, { desiredNumberScheduled: 0 }, "ready"],
    ["the status of the generation before", rolling, { observedGeneration: 1, desiredNumberScheduled: 0 }, "waiting"],
  ])("with %s", (_, updateStrategy, counts, state) => {
    const daemonSet = { apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec: { updateStrategy } };
    expect(evaluate({ ...daemonSet, status: { ...scheduled, ...counts } })?.state).toBe(state);
  });
});

test.each([
  [undefined, "waiting"],
  ["Pending", "waiting"],
  ["Available", "ready"],
  ["Bound", "ready"],
  ["Released", "waiting"],
  ["Failed", "waiting"],
])("a PersistentVolume in phase %s is %s", (phase, state) => {
  const volume = { apiVersion: "v1", kind: "PersistentVolume", metadata, status: phase === undefined ? {} : { phase } };
  expect(evaluate(volume)?.state).toBe(state);
});

describe("a Pod of its own", () => {
  const pod = { apiVersion: "v1", kind: "Pod", metadata };
  const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" };
  const refused = { phase: "Failed", reason: "Evicted", message: "no memory" };

  test.each([
    ["is ready", { phase: "Running", conditions: [{ type: "Ready", status: "True" }] }, "ready"],
    ["runs, but is not ready", { phase: "Running", conditions: [{ type: "Ready", status: "False" }] }, "waiting"],
    ["has done its work", { phase: "Succeeded", conditions: [{ type: "Ready", status: "False" }] }, "ready"],
    ["is new", {}, "waiting"],
  ])("that %s", (_, status, state) => {
    expect(evaluate({ ...pod, status })?.state).toBe(state);
  });

  test.each([
    ["no node takes it", { phase: "Pending", conditions: [unschedulable] }, "Unschedulable: 0/1 nodes"],
    ["it has failed", refused, "Evicted: no memory"],
    ["it has failed without a word", { phase: "Failed" }, "the Pod has failed"],
  ])("says that %s", (_, status, problem) => {
    expect(evaluate({ ...pod, status })).toMatchObject({ state: "waiting", problems: [`Pod web: ${problem}`] });
  });
});

test("the Secret of a service account's token is waited for until it has the token", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata, type: "kubernetes.io/service-account-token" };
  expect(evaluate(secret)?.state).toBe("waiting");
  expect(evaluate({ ...secret, data: { "ca.crt": "YQ==" } })?.state).toBe("waiting");
  expect(evaluate({ ...secret, data: { "ca.crt": "YQ==", token: "YQ==" } })).toEqual({ state: "ready" });
});

test("a crashed container is explained by how it ended", () => {
  const ended = { exitCode: 3, reason: "Error", message: "no database" };
  const status = { name: "main", state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated: ended } };
  const problems = podProblems({ metadata: { name: "web" }, status: { containerStatuses: [status] } });
  expect(problems).toEqual([
    "Pod web: container main: CrashLoopBackOff",
    "Pod web: container main: it ended with exit code 3 (Error: no database)",
  ]);
});

test("a failed Job is not waited for any longer", () => {
  const failed = { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too often" };
  const job = { apiVersion: "batch/v1", kind: "Job", metadata, status: { conditions: [failed] } };
  expect(evaluate(job)).toEqual({ state: "failed", problems: ["BackoffLimitExceeded: too often"] });
});

test("a ResourceQuota is waited for until all of it is in force", () => {
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard: { pods: "0", services: "5" } } };
  expect(evaluate(quota)?.state).toBe("waiting");
  expect(evaluate({ ...quota, status: { hard: { pods: "0" } } })?.state).toBe("waiting");
  expect(evaluate({ ...quota, status: { hard: { services: "5", pods: "0" } } })).toEqual({ state: "ready" });
});

describe("a Service", () => {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { selector: { app: "web" }, clusterIP: "10.0.0.1" },
  };
  const slice = (...ready: boolean[]) => ({
    metadata: { labels: { "kubernetes.io/service-name": "web" } },
    endpoints: ready.map((isReady) => ({ conditions: { ready: isReady } })),
  });

  test.each([
    ["ready Pods", [slice(true)], 0, "ready"],
    ["a Pod that is not ready", [slice(true, false)], 60_000, "waiting"],
    ["no Pods yet", [], 0, "waiting"],
    ["no Pods for a while", [], 60_000, "ready"],
  ])("with %s", (_, slices, unchangedFor, state) => {
    expect(evaluate(service, { EndpointSlice: slices }, unchangedFor)?.state).toBe(state);
  });

  test.each([{ clusterIP: "None" }, { selector: {} }, { type: "ExternalName" }])(
    "with %j has no Pods to wait for",
    (spec) => {
      expect(evaluate({ ...service, spec: { ...service.spec, ...spec } })?.state).toBe("ready");
    },
  );

  test("of type LoadBalancer waits for an address", () => {
    const balancer = { ...service, spec: { type: "LoadBalancer" } };
    expect(evaluate(balancer)?.state).toBe("waiting");
    expect(evaluate({ ...balancer, status: { loadBalancer: { ingress: [{ ip: "10.1.1.1" }] } } })?.state).toBe("ready");
  });
});

describe("an Ingress", () => {
  const backend = (name: string) => ({ service: { name, port: { number: 80 } } });
  const ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: { rules: [{ http: { paths: [{ path: "/", backend: backend("web") }] } }] },
  };
  const withAddress = { ...ingress, status: { loadBalancer: { ingress: [{ ip: "10.1.1.1" }] } } };
  const slice = { metadata: { labels: { "kubernetes.io/service-name": "web" } } };

  test("with an address and Services that it can reach is ready", () => {
    expect(evaluate(withAddress, { EndpointSlice: [slice] })).toEqual({ state: "ready" });
  });

  test("without an address asks for the controller of its class", () => {
    for (const status of [{}, { loadBalancer: {} }, { loadBalancer: { ingress: [] } }]) {
      expect(evaluate({ ...ingress, status }, { EndpointSlice: [slice] })).toEqual({
        state: "waiting",
        status: "Waiting for an address of the Ingress",
        problems: ["the Ingress got no address; is there a controller for its ingress class in this cluster?"],
      });
    }
  });

  test("names the Services that it cannot reach", () => {
    const spec = { ...ingress.spec, defaultBackend: backend("absent") };
    const problems = ["the Service absent, which the Ingress points to, has no endpoints"];
    expect(evaluate({ ...withAddress, spec }, { EndpointSlice: [slice] })).toMatchObject({
      state: "waiting",
      problems,
    });
  });

  test("does not wait for endpoints of a Service that is only an alias", () => {
    const alias = { metadata: { name: "web" }, spec: { type: "ExternalName" } };
    expect(evaluate(withAddress, { Service: [alias] })).toEqual({ state: "ready" });
  });
});

test("objects without a rule and ordinary Secrets are ready as soon as they exist", () => {
  expect(ruleFor({ apiVersion: "v1", kind: "ConfigMap" })).toBeUndefined();
  expect(ruleFor({ apiVersion: "v1", kind: "Secret", type: "Opaque" })).toBeUndefined();
});

describe("what keeps a Pod from being ready is told", () => {
  const labels = { "controller-revision-hash": "old" };
  const owner = [{ uid: "1" }];
  const running = { name: "main", ready: false, started: true, state: { running: {} } };
  const probed = { name: "main", readinessProbe: { httpGet: { path: "/", port: 80 } }, startupProbe: {} };
  const pod = (status: PropertyMap, more: PropertyMap = {}) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-0", namespace: "shop", ownerReferences: owner, labels },
    spec: { containers: [{ ...probed, ...more }] },
    status: { containerStatuses: [{ ...running, ...status }] },
  });

  test("a probe that does not succeed, by its kind", () => {
    expect(podProblems(pod({}))).toEqual([
      "Pod web-0: container main: it runs, but its readiness probe does not succeed",
    ]);
    expect(podProblems(pod({ started: false }))).toEqual([expect.stringContaining("its startup probe")]);
    expect(podProblems(pod({ ready: true }))).toEqual([]);
  });

  const statefulSet = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web", namespace: "shop", uid: "1", generation: 2 },
    spec: { replicas: 1 },
    status: { observedGeneration: 2, readyReplicas: 0, updatedReplicas: 0, updateRevision: "new" },
  };

  test("a StatefulSet that waits for a broken Pod of the revision before says what to do", () => {
    const found = evaluate(statefulSet, { Pod: [pod({})] });
    expect(found).toMatchObject({
      problems: [expect.stringContaining("`kubectl -n shop delete pod web-0`"), expect.stringContaining("probe")],
    });
    const parallel = { ...statefulSet, spec: { replicas: 1, podManagementPolicy: "Parallel" } };
    expect(JSON.stringify(evaluate(parallel, { Pod: [pod({})] }))).not.toContain("delete pod");
  });

  test("and the events of its Pods are looked at", () => {
    const surroundings: Surroundings = { of: () => [pod({})], unchangedFor: 0 };
    expect(ruleFor(statefulSet)?.culprits?.(statefulSet, surroundings)).toMatchObject([
      { metadata: { name: "web-0" } },
    ]);
  });
});
