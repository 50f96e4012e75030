import { deepEqual, mapAt, stringAt, valueAt } from "../../protocol/property-values";
import { nameOf } from "../kinds";
import { minutes, type ReadinessRule, ready, waiting } from "./readiness";

export const volumeRule: ReadinessRule = {
  timeout: 5 * minutes,
  related: [],
  evaluate: (volume) => {
    const phase = stringAt(volume, "status", "phase");
    if (phase === "Available" || phase === "Bound") return ready;
    return waiting(`Waiting for the PersistentVolume to be available (it is ${phase ?? "new"})`);
  },
};

export const claimRule: ReadinessRule = {
  timeout: 5 * minutes,
  related: [{ group: "storage.k8s.io", version: "v1", kind: "StorageClass", clusterWide: true }],
  evaluate: (claim, surroundings) => {
    const phase = stringAt(claim, "status", "phase");
    if (phase === "Bound") return ready;
    const className = stringAt(claim, "spec", "storageClassName");
    const storageClass = surroundings.of("StorageClass").find((candidate) => nameOf(candidate) === className);
    // Such a claim is only bound when a Pod wants it, and the Pod may be waiting for the claim.
    const waitsForPod = storageClass && stringAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer";
    if (waitsForPod && phase === "Pending") return ready;
    const missing =
      className !== undefined && className !== "" && !storageClass
        ? [`the claim wants the StorageClass "${className}", which does not exist`]
        : [];
    return waiting(`Waiting for the claim to be bound (it is ${phase ?? "new"})`, missing);
  },
};

export const quotaRule: ReadinessRule = {
  timeout: minutes,
  related: [],
  evaluate: (quota) =>
    deepEqual(mapAt(quota, "spec", "hard"), mapAt(quota, "status", "hard"))
      ? ready
      : waiting("Waiting for the quota to be enforced"),
};

export const tokenRule: ReadinessRule = {
  timeout: minutes / 2,
  related: [],
  evaluate: (secret) => {
    const needsToken = secret["type"] === "kubernetes.io/service-account-token";
    return !needsToken || valueAt(secret, "data", "token") !== undefined ? ready : waiting("Waiting for the token");
  },
};
