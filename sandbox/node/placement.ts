/**
 * Which pods run for real: those whose images are all made for the real node. An admission policy decides when a pod is
 * created, so that what the stack program says of its workloads stays as it is on any other cluster.
 */

import type { ApiClient } from "../cluster/api-client";
import { IMAGE_PREFIX } from "../images/reference";
import { policyObjects } from "./admission";
import { NODE_NAME, NODE_TAINT } from "./configuration";
import { applyObjects, type NodeObject, removeObjects } from "./objects";
import { waitUntil } from "./wait";

const EFFECT_MILLISECONDS = 60_000;

/**
 * Puts the policy into force. The API server takes a moment to notice one, and a pod made before would stay on a
 * simulated node for good.
 * @throws when the API server refuses the policy, or does not act on it
 */
export async function enforcePlacement(
  api: ApiClient,
  prefixes: readonly string[],
  simulated: readonly string[],
): Promise<void> {
  await applyObjects(api, placementObjects(prefixes, simulated));
  // The last prefix: an earlier version of the policy may know the first ones already.
  await untilTrialGoesTo(NODE_NAME, `${prefixes.at(-1)}trial`, api);
}

/**
 * Takes the policy back. A pod made while it still has an effect would wait for the node for ever.
 * @throws when the API server goes on to act on it
 */
export async function endPlacement(api: ApiClient): Promise<void> {
  await removeObjects(api, placementObjects([], []));
  await untilTrialGoesTo(undefined, `${IMAGE_PREFIX}/trial`, api);
}

/** @param node undefined: wherever the scheduler wants */
async function untilTrialGoesTo(node: string | undefined, image: string, api: ApiClient): Promise<void> {
  const trial = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "placement-trial" },
    spec: { containers: [{ name: "trial", image }] },
  };
  let said = "";
  const isPlaced = async () => {
    const { status, body } = await api.request("POST", "/api/v1/namespaces/kube-system/pods?dryRun=All", trial);
    said = body.slice(0, 500);
    // In a new cluster pods are refused until their namespace has its account.
    return status === 201 && placedOn(body) === node;
  };
  const seconds = EFFECT_MILLISECONDS / 1000;
  const inVain = () => new Error(`The policy that places pods on ${NODE_NAME} was not heeded in ${seconds} s: ${said}`);
  await waitUntil(isPlaced, EFFECT_MILLISECONDS, inVain);
}

/**
 * @param prefixes beginnings of the references of images that run for real
 * @param simulated values of `app.kubernetes.io/name` of pods that stay simulated, although their images are there
 */
export function placementObjects(prefixes: readonly string[], simulated: readonly string[]): NodeObject[] {
  const own = (list: string) =>
    `object.spec.${list}.all(each, ${JSON.stringify(prefixes)}.exists(prefix, each.image.startsWith(prefix)))`;
  const label = `"app.kubernetes.io/name"`;
  const host = `"kubernetes.io/hostname"`;
  const toleration =
    `Object.spec.tolerations{key: "${NODE_TAINT.key}", operator: "Equal", ` +
    `value: "${NODE_TAINT.value}", effect: "${NODE_TAINT.effect}"}`;
  return policyObjects({
    name: "sandbox-real-node",
    resource: "pods",
    operation: "CREATE",
    conditions: {
      containers: own("containers"),
      "init-containers": `!has(object.spec.initContainers) || ${own("initContainers")}`,
      "not-simulated":
        `!has(object.metadata.labels) || !(${label} in object.metadata.labels) || ` +
        `!(object.metadata.labels[${label}] in ${JSON.stringify(simulated)})`,
    },
    patch: [
      `has(object.spec.nodeSelector)
    ? JSONPatch{op: "add", path: "/spec/nodeSelector/" + jsonpatch.escapeKey(${host}), value: "${NODE_NAME}"}
    : JSONPatch{op: "add", path: "/spec/nodeSelector", value: {${host}: "${NODE_NAME}"}}`,
      `has(object.spec.tolerations)
    ? JSONPatch{op: "add", path: "/spec/tolerations/-", value: ${toleration}}
    : JSONPatch{op: "add", path: "/spec/tolerations", value: [${toleration}]}`,
    ],
  });
}

/** The node that a pod, as JSON, is bound to go to. */
function placedOn(pod: string): string | undefined {
  const { spec } = JSON.parse(pod) as { spec: { nodeSelector?: Record<string, string> } };
  return spec.nodeSelector?.["kubernetes.io/hostname"];
}
