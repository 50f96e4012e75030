/**
 * Which pods run for real: those whose images are all made for the real node. An admission policy decides when a pod is
 * created, so that what the stack program says of its workloads stays as it is on any other cluster.
 */

import { setTimeout as delay } from "node:timers/promises";
import { type ApiClient, readReply } from "../cluster/api-client";
import { IMAGE_PREFIX } from "../images/reference";
import { NODE_NAME, NODE_TAINT } from "./configuration";
import { applyObjects, type NodeObject } from "./objects";

const GROUP = "admissionregistration.k8s.io";
const NAME = "sandbox-real-node";
const EFFECT_MILLISECONDS = 60_000;

/**
 * Puts the policy into force. The API server takes a moment to notice one, and a pod made before would stay on a
 * simulated node for good.
 * @throws when the API server refuses the policy, or does not act on it
 */
export async function enforcePlacement(api: ApiClient, simulated: readonly string[]): Promise<void> {
  await applyObjects(api, placementObjects(simulated));
  const trial = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "placement-trial" },
    spec: { containers: [{ name: "trial", image: `${IMAGE_PREFIX}/trial` }] },
  };
  const deadline = performance.now() + EFFECT_MILLISECONDS;
  for (;;) {
    const reply = await api.request("POST", "/api/v1/namespaces/kube-system/pods?dryRun=All", trial);
    const pod = readReply(reply, "try where a pod would go") as { spec: { nodeSelector?: Record<string, string> } };
    if (pod.spec.nodeSelector?.["kubernetes.io/hostname"] === NODE_NAME) return;
    if (performance.now() > deadline) {
      throw new Error(`The policy that places pods on ${NODE_NAME} had no effect in ${EFFECT_MILLISECONDS / 1000} s.`);
    }
    await delay(100);
  }
}

/** @param simulated values of `app.kubernetes.io/name` of pods that stay simulated, although their images are there */
export function placementObjects(simulated: readonly string[]): NodeObject[] {
  const own = (list: string) => `object.spec.${list}.all(each, each.image.startsWith("${IMAGE_PREFIX}/"))`;
  const label = `"app.kubernetes.io/name"`;
  const host = `"kubernetes.io/hostname"`;
  const toleration =
    `Object.spec.tolerations{key: "${NODE_TAINT.key}", operator: "Equal", ` +
    `value: "${NODE_TAINT.value}", effect: "${NODE_TAINT.effect}"}`;
  return [
    {
      path: `/apis/${GROUP}/v1beta1/mutatingadmissionpolicies`,
      object: {
        apiVersion: `${GROUP}/v1beta1`,
        kind: "MutatingAdmissionPolicy",
        metadata: { name: NAME },
        spec: {
          failurePolicy: "Fail",
          reinvocationPolicy: "Never",
          matchConstraints: {
            resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
          },
          matchConditions: [
            { name: "containers", expression: own("containers") },
            { name: "init-containers", expression: `!has(object.spec.initContainers) || ${own("initContainers")}` },
            {
              name: "not-simulated",
              expression:
                `!has(object.metadata.labels) || !(${label} in object.metadata.labels) || ` +
                `!(object.metadata.labels[${label}] in ${JSON.stringify(simulated)})`,
            },
          ],
          mutations: [
            {
              patchType: "JSONPatch",
              jsonPatch: {
                expression: `[
  has(object.spec.nodeSelector)
    ? JSONPatch{op: "add", path: "/spec/nodeSelector/" + jsonpatch.escapeKey(${host}), value: "${NODE_NAME}"}
    : JSONPatch{op: "add", path: "/spec/nodeSelector", value: {${host}: "${NODE_NAME}"}},
  has(object.spec.tolerations)
    ? JSONPatch{op: "add", path: "/spec/tolerations/-", value: ${toleration}}
    : JSONPatch{op: "add", path: "/spec/tolerations", value: [${toleration}]}
]`,
              },
            },
          ],
        },
      },
    },
    {
      path: `/apis/${GROUP}/v1beta1/mutatingadmissionpolicybindings`,
      object: {
        apiVersion: `${GROUP}/v1beta1`,
        kind: "MutatingAdmissionPolicyBinding",
        metadata: { name: NAME },
        spec: { policyName: NAME },
      },
    },
  ];
}
