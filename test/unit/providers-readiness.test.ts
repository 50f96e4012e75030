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

test("an Ingress names the Services that it cannot reach", () => {
  const backend = { service: { name: "absent", port: { number: 80 } } };
  const ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata,
    spec: { rules: [{ http: { paths: [{ path: "/", backend }] } }] },
    status: { loadBalancer: { ingress: [{ ip: "10.1.1.1" }] } },
  };
  expect(evaluate(ingress)).toMatchObject({ state: "waiting", problems: [expect.stringContaining("absent")] });
});

test("objects without a rule and ordinary Secrets are ready as soon as they exist", () => {
  expect(ruleFor({ apiVersion: "v1", kind: "ConfigMap" })).toBeUndefined();
  expect(ruleFor({ apiVersion: "v1", kind: "Secret", type: "Opaque" })).toBeUndefined();
});
