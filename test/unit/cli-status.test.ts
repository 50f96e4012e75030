import type { KubernetesObject } from "@kubernetes/client-node";
import { platformTroubles } from "../../cli/shared/platform-health";
import { troubleReport } from "../../cli/status";

const SYSTEM = "app.kubernetes.io/part-of";

type Fields = Readonly<Record<string, unknown>>;

/** An object of the system `openhands`, in the namespace of its sandboxes. */
function object(kind: string, name: string, status: Fields = {}, metadata: Fields = {}): KubernetesObject {
  const namespace = kind === "Namespace" ? {} : { namespace: "openhands-runtime" };
  const labels = { [SYSTEM]: "openhands" };
  return Object.assign({ kind, metadata: { name, labels, ...namespace, ...metadata } }, { status });
}

const namespace = object("Namespace", "openhands-runtime");
const pod = (name: string, fields: Fields, metadata: Fields = {}) =>
  object("Pod", name, fields, { labels: undefined, ...metadata });
const condition = (type: string, state: string, reason: string, message: string) => ({
  conditions: [{ type, status: state, reason, message }],
});
const container = (state: Fields) => ({
  phase: "Pending",
  containerStatuses: [{ name: "runtime", ready: false, state }],
});

test("pods of the platform's namespaces are looked at, whoever made them, and the reason is told", () => {
  const troubles = platformTroubles(
    [namespace],
    [
      pod("pulls", container({ waiting: { reason: "ImagePullBackOff", message: "Back-off pulling" } })),
      pod("homeless", {
        phase: "Pending",
        ...condition("PodScheduled", "False", "Unschedulable", "0/3 nodes are available"),
      }),
      pod("killed", { ...container({ terminated: { reason: "OOMKilled", exitCode: 137 } }), phase: "Failed" }),
      pod("unready", { phase: "Running", ...condition("Ready", "False", "ContainersNotReady", "not yet") }),
      pod("starts", container({ waiting: { reason: "ContainerCreating" } })),
      pod("fine", { phase: "Running", ...condition("Ready", "True", "", "") }),
      pod("foreign", { phase: "Failed" }, { namespace: "somebody" }),
    ],
  );
  expect(troubles.map(({ problem }) => problem)).toEqual([
    "Pod homeless: Unschedulable: 0/3 nodes are available",
    "Pod killed: container runtime: it ended with exit code 137 (OOMKilled)",
    "Pod killed: the Pod has failed",
    "Pod pulls: container runtime: ImagePullBackOff: Back-off pulling",
    "Pod starts: not started yet",
    "Pod unready: ContainersNotReady: not yet",
  ]);
  expect(new Set(troubles.map(({ system }) => system))).toEqual(new Set(["openhands"]));
});

test("a pod that is on its way out, or was a failed attempt of a Job that succeeded, is no trouble", () => {
  const owned = (name: string) => ({ ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid: "1" }] });
  const objects = [
    namespace,
    object("Job", "done", condition("Complete", "True", "", "")),
    object("Job", "busy", condition("Complete", "False", "", "")),
  ];
  const pods = [
    pod("leaves", { phase: "Failed" }, { deletionTimestamp: new Date(0) }),
    pod("attempt", { phase: "Failed" }, owned("done")),
    pod("worker", { phase: "Failed" }, owned("busy")),
    pod("complete", { phase: "Succeeded" }, owned("done")),
  ];
  expect(platformTroubles(objects, pods)).toMatchObject([{ problem: "Pod worker: the Pod has failed" }]);
});

test("a workload that may not make its pods says why", () => {
  const refused = condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota:\n  tenant-quota");
  const troubles = platformTroubles([namespace, object("Deployment", "app", refused)], []);
  expect(troubleReport(troubles)).toBe(
    [
      "NOT READY   NAMESPACE           WHY",
      "openhands   openhands-runtime   Deployment app: FailedCreate: exceeded quota: tenant-quota",
      "",
    ].join("\n"),
  );
});

test("what is just starting is no problem, and is not called ready", () => {
  expect(troubleReport([])).toMatch(/Not everything is ready yet/);
});

describe("what only events tell", () => {
  const event = (kind: string, name: string, reason: string, message: string, minute: number): KubernetesObject =>
    Object.assign(
      { kind: "Event" },
      {
        involvedObject: { kind, name, namespace: "openhands-runtime" },
        reason,
        message,
        lastTimestamp: new Date(Date.UTC(2027, 0, 1, 0, minute)),
      },
    );
  const claim = (name: string, phase: string, metadata: Fields = {}) =>
    object("PersistentVolumeClaim", name, { phase }, { labels: undefined, ...metadata });
  const quota = "pods is forbidden: exceeded quota: small";

  test("a StatefulSet or Job whose pods are refused", () => {
    const objects = [namespace, object("StatefulSet", "data"), object("Job", "setup"), object("StatefulSet", "quiet")];
    const events = [
      event("StatefulSet", "data", "FailedCreate", quota, 2),
      event("StatefulSet", "data", "FailedCreate", "an older reason", 1),
      event("StatefulSet", "data", "SuccessfulCreate", "create Claim data-0", 3),
      event("Job", "setup", "FailedCreate", "violates PodSecurity", 1),
      event("StatefulSet", "other", "FailedCreate", quota, 1),
    ];
    expect(platformTroubles(objects, [], { events }).map(({ problem }) => problem)).toEqual([
      "Job setup: FailedCreate: violates PodSecurity",
      `StatefulSet data: FailedCreate: ${quota}`,
    ]);
  });

  test("a claim without a volume, but for one that waits for its first pod", () => {
    const claims = [
      claim("fails", "Pending"),
      claim("silent", "Pending"),
      claim("waits", "Pending"),
      claim("bound", "Bound"),
      claim("goes", "Pending", { deletionTimestamp: "2027-01-01T00:00:00Z" }),
      claim("foreign", "Pending", { namespace: "somebody" }),
    ];
    const kind = "PersistentVolumeClaim";
    const events = [
      event(kind, "fails", "ProvisioningFailed", 'storageclass "fast" not found', 1),
      event(kind, "waits", "WaitForFirstConsumer", "waiting for first consumer", 1),
    ];
    expect(platformTroubles([namespace], [], { claims, events }).map(({ problem }) => problem)).toEqual([
      'PersistentVolumeClaim fails: ProvisioningFailed: storageclass "fast" not found',
      "PersistentVolumeClaim silent: no volume yet, and nobody says why",
    ]);
  });
});
