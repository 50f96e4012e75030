/**
 * How many processors the real node offers. Pods of the platform ask for what they need in production, more than a laptop
 * has, and mostly wait: the node states as many as a simulated one. Memory is stated as it is.
 */

import { type ApiClient, readReply } from "../cluster/api-client";
import { NODE_CAPACITY } from "../cluster/base-objects";
import { policyObjects } from "./admission";
import { NODE_NAME } from "./configuration";
import { applyObjects, type NodeObject } from "./objects";

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
  return policyObjects({
    name: "sandbox-real-node-processors",
    resource: "nodes/status",
    operation: "UPDATE",
    conditions: {
      "real-node": `object.metadata.name == "${NODE_NAME}"`,
      fewer:
        `has(object.status.capacity) && "cpu" in object.status.capacity && has(object.status.allocatable) && ` +
        `"cpu" in object.status.allocatable && quantity(string(object.status.capacity.cpu)).isLessThan(quantity("${cpu}"))`,
    },
    patch: [replace("capacity"), replace("allocatable")],
  });
}
