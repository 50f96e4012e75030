/**
 * How many processors the real node offers. Pods of the platform ask for what they need in production, more than a laptop
 * has, and mostly wait: the node states as many as a simulated one. Memory is stated as it is.
 */

import { type ApiClient, readReply } from "../cluster/api-client";
import { NODE_CAPACITY } from "../cluster/base-objects";
import { NODE_NAME } from "./configuration";
import { applyObjects, type NodeObject } from "./objects";

const GROUP = "admissionregistration.k8s.io";
const NAME = "sandbox-real-node-processors";

/** Lets the node state more processors than the machine has, now and whenever the kubelet states the machine's. */
export async function stateProcessors(api: ApiClient): Promise<void> {
  await applyObjects(api, processorObjects());
  const path = `/api/v1/nodes/${NODE_NAME}`;
  const node = readReply(await api.request("GET", path), "read the real node") as {
    readonly status: { readonly capacity: { readonly cpu: string } };
  };
  const { cpu } = NODE_CAPACITY;
  if (Number(node.status.capacity.cpu) >= Number(cpu)) return;
  const status = { capacity: { cpu }, allocatable: { cpu } };
  readReply(await api.request("PATCH", `${path}/status`, { status }), "state the real node's processors");
}

/** The kubelet states the machine's processors again and again: each time the number is replaced on its way in. */
export function processorObjects(): NodeObject[] {
  const { cpu } = NODE_CAPACITY;
  const replace = (list: string) => `JSONPatch{op: "replace", path: "/status/${list}/cpu", value: "${cpu}"}`;
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
            resourceRules: [
              { apiGroups: [""], apiVersions: ["v1"], resources: ["nodes/status"], operations: ["UPDATE"] },
            ],
          },
          matchConditions: [
            { name: "real-node", expression: `object.metadata.name == "${NODE_NAME}"` },
            {
              name: "fewer",
              expression:
                `has(object.status.capacity) && "cpu" in object.status.capacity && has(object.status.allocatable) && ` +
                `"cpu" in object.status.allocatable && quantity(string(object.status.capacity.cpu)).isLessThan(quantity("${cpu}"))`,
            },
          ],
          mutations: [
            {
              patchType: "JSONPatch",
              jsonPatch: { expression: `[${replace("capacity")}, ${replace("allocatable")}]` },
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
