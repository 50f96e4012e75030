/** What a cluster offers before anything is installed on it. */

import { type ApiClient, readReply } from "./api-client";

interface BaseObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export const NODE_COUNT = 3;

/** Room for the whole platform, small enough that asking for too much fails as on a real node. */
export const NODE_CAPACITY = { cpu: "8", memory: "32Gi", "ephemeral-storage": "100Gi", pods: "110" };

function node(index: number): BaseObject {
  const name = `sandbox-node-${index}`;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        "node-role.kubernetes.io/worker": "",
        type: "kwok",
      },
    },
    status: {
      capacity: NODE_CAPACITY,
      allocatable: NODE_CAPACITY,
      addresses: [
        { type: "InternalIP", address: `10.255.0.${index + 1}` },
        { type: "Hostname", address: name },
      ],
    },
  };
}

const storageClass: BaseObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "kubernetes.io/host-path",
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
};

const ingressClass: BaseObject = {
  apiVersion: "networking.k8s.io/v1",
  kind: "IngressClass",
  metadata: { name: "nginx" },
  spec: { controller: "k8s.io/ingress-nginx" },
};

const collections: Readonly<Record<string, string>> = {
  Node: "/api/v1/nodes",
  StorageClass: "/apis/storage.k8s.io/v1/storageclasses",
  IngressClass: "/apis/networking.k8s.io/v1/ingressclasses",
};

export const baseObjects: readonly BaseObject[] = [
  ...Array.from({ length: NODE_COUNT }, (_, index) => node(index)),
  storageClass,
  ingressClass,
];

/** Creates the objects that are absent. Those that exist stay as they are: the user may have changed them on purpose. */
export async function createBaseObjects(api: ApiClient): Promise<void> {
  await Promise.all(
    baseObjects.map(async (object) => {
      const collection = collections[object.kind];
      if (collection === undefined) throw new Error(`base-objects.ts names no API path for the kind ${object.kind}`);
      const reply = await api.request("POST", collection, object);
      if (reply.status !== 409) readReply(reply, `create ${object.kind} ${object.metadata.name}`);
    }),
  );
}
