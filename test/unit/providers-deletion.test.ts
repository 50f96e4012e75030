import { getEventListeners } from "node:events";
import type { Connection } from "../../sandbox/providers/kubernetes/connection";
import { deleteObject } from "../../sandbox/providers/kubernetes/delete-object";
import { InitializationError } from "../../sandbox/providers/protocol/resource-provider";

const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "held", namespace: "a", uid: "1", finalizers: ["example.com/keep"] },
};
const request = {
  urn: "urn:pulumi:dev::platform::kubernetes:core/v1:ConfigMap::held",
  name: "held",
  type: "kubernetes:core/v1:ConfigMap",
  id: "a/held",
  inputs: {},
  outputs: object,
  timeout: 0,
};

test("a deletion that waits ends soon after a cancellation, and has left no listener behind in any round", async () => {
  const cancellation = new AbortController();
  const listeners: number[] = [];
  const store = {
    delete: async () => {},
    get: async () => {
      listeners.push(getEventListeners(cancellation.signal, "abort").length);
      // After the answer, while the wait for the next round has begun.
      if (listeners.length === 4) setImmediate(() => cancellation.abort());
      return object;
    },
  };
  const connection = { store, log: async () => {}, cancelled: cancellation.signal } as unknown as Connection;
  const ending = deleteObject(request, connection);
  await expect(ending).rejects.toThrow(InitializationError);
  await expect(ending).rejects.toMatchObject({
    details: {
      reasons: expect.arrayContaining([
        expect.stringContaining("cancelled"),
        expect.stringContaining("example.com/keep"),
      ]),
    },
  });
  expect(listeners).toEqual([0, 0, 0, 0, 0]);
});
