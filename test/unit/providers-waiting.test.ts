import { setImmediate as nextTurn } from "node:timers/promises";
import { ApiClient } from "../../sandbox/providers/kubernetes/api-client";
import { UnreachableError } from "../../sandbox/providers/kubernetes/api-error";
import { ReadinessWaiter } from "../../sandbox/providers/kubernetes/await/readiness-waiter";
import { readConfiguration } from "../../sandbox/providers/kubernetes/configuration";
import type { Connection } from "../../sandbox/providers/kubernetes/connection";
import { createObject } from "../../sandbox/providers/kubernetes/create-object";
import { Discovery } from "../../sandbox/providers/kubernetes/discovery";
import { ObjectStore } from "../../sandbox/providers/kubernetes/object-store";
import { ProgramObjects } from "../../sandbox/providers/kubernetes/program-objects";
import { readObject } from "../../sandbox/providers/kubernetes/read-object";
import { updateObject } from "../../sandbox/providers/kubernetes/update-object";
import { InitializationError } from "../../sandbox/providers/protocol/resource-provider";
import { type Fault, FaultyApiServer } from "../support/faulty-api-server";

const claim = (size: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace: "a" },
  spec: { resources: { requests: { storage: size } } },
});
const identity = { urn: "urn:pulumi:dev::p::kubernetes:core/v1:PersistentVolumeClaim::data", name: "data" };
const type = "kubernetes:core/v1:PersistentVolumeClaim";
const request = { ...identity, type, timeout: 0, preview: false, ignoreChanges: [] };

let server: FaultyApiServer;
let address: URL;
let cancellation: AbortController;
let statuses: string[];
let onStatus: (status: string) => void;

beforeEach(async () => {
  server = new FaultyApiServer();
  address = await server.listen();
  cancellation = new AbortController();
  statuses = [];
  onStatus = () => {};
});
afterEach(async () => {
  cancellation.abort();
  await server.close();
});

/** @param patience milliseconds for which reads are sent again, when not as many as usual */
async function connection(patience?: number): Promise<Connection> {
  const configuration = readConfiguration({ kubeconfig: "unused" }, {});
  const access = {
    server: address,
    context: "test",
    cluster: "test",
    user: "test",
    namespace: "default",
    credentials: async () => ({}),
  };
  const client = new ApiClient(access, configuration, cancellation.signal, patience);
  const discovery = new Discovery(client);
  await discovery.load();
  const store = new ObjectStore(client, discovery);
  const log: Connection["log"] = async (_severity, _urn, message) => {
    statuses.push(message);
    onStatus(message);
  };
  const waiter = new ReadinessWaiter(store, log, cancellation.signal);
  const program = new ProgramObjects();
  return { configuration, store, waiter, namespace: "default", log, program, cancelled: cancellation.signal };
}

function once(name: string, fault: Fault): void {
  server.faults.set(name, { fault, forever: false });
}

function forever(name: string, fault: Fault): void {
  server.faults.set(name, { fault, forever: true });
}

function countOf(name: string): number {
  return server.requests.filter((sent) => sent === name).length;
}

async function failureOf(operation: Promise<unknown>): Promise<InitializationError> {
  const error = await operation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof InitializationError) return error;
  throw new Error(`No InitializationError, but ${error}`);
}

const create = (connected: Connection) => createObject({ ...request, inputs: claim("1Gi") }, connected);

describe("an object that was created stays in the state", () => {
  test.each<[string, Fault, string]>([
    ["list storageclasses", 403, 'storageclasses is forbidden: User "dev" cannot list it. Waiting needs the right'],
    [
      "list persistentvolumeclaims",
      401,
      '(context "test", cluster "test") does not accept the login "test": Unauthorized',
    ],
    ["list storageclasses", 500, "etcdserver: request timed out"],
    ["list storageclasses", "reset", "cannot be reached"],
  ])("when the wait meets, at %s, %s", async (name, fault, reason) => {
    forever(name, fault);
    const { message, details } = await failureOf(create(await connection(0)));
    expect(message).toContain("PersistentVolumeClaim a/data was created, but whether it is ready cannot be seen");
    expect(message).toContain(reason);
    expect(details).toMatchObject({ id: "a/data", outputs: { kind: "PersistentVolumeClaim", __inputs: claim("1Gi") } });
  });

  test("when changes of it may not be watched, and that is said long before the time-out", async () => {
    server.phase = "Pending";
    forever("watch persistentvolumeclaims", 403);
    const { message, details } = await failureOf(create(await connection()));
    expect(message).toContain("cannot watch it. Waiting needs the right to list and watch");
    expect(details.outputs).toMatchObject({ status: { phase: "Pending" } });
  });
});

test("a server that refuses to show changes for a moment, as after a start, is asked again", async () => {
  server.phase = "Pending";
  once("watch persistentvolumeclaims", 403);
  onStatus = () => {
    server.phase = "Bound";
  };
  expect(await create(await connection())).toMatchObject({ id: "a/data" });
});

test("a ready object is ready even if changes of it may not be watched", async () => {
  forever("watch persistentvolumeclaims", 403);
  expect(await create(await connection())).toMatchObject({ id: "a/data" });
});

test("an object that was changed keeps its new inputs when the wait fails", async () => {
  server.claim = claim("1Gi");
  forever("list storageclasses", 403);
  const olds = { oldInputs: claim("1Gi"), oldOutputs: { ...claim("1Gi"), __inputs: claim("1Gi") } };
  const update = updateObject({ ...request, ...olds, id: "a/data", newInputs: claim("2Gi") }, await connection());
  const { message, details } = await failureOf(update);
  expect(message).toContain("was updated, but whether it is ready cannot be seen");
  expect(details.outputs).toMatchObject({ spec: claim("2Gi").spec, __inputs: claim("2Gi") });
});

test("a refresh reads an object whose readiness it may not see", async () => {
  server.claim = claim("2Gi");
  forever("list storageclasses", 403);
  const olds = { inputs: claim("1Gi"), outputs: { ...claim("1Gi"), __inputs: claim("1Gi") } };
  const { details } = await failureOf(readObject({ ...request, ...olds, id: "a/data" }, await connection()));
  expect(details).toMatchObject({ inputs: claim("2Gi"), outputs: claim("2Gi") });
});

describe("a connection that breaks", () => {
  test("once is no error for a read", async () => {
    once("list storageclasses", "reset");
    expect(await create(await connection())).toMatchObject({ id: "a/data" });
    expect(countOf("list storageclasses")).toBe(2);
  });

  test("is an error for a write, which the server may have acted on", async () => {
    forever("create persistentvolumeclaims", "reset");
    await expect(create(await connection())).rejects.toThrow(UnreachableError);
    expect(countOf("create persistentvolumeclaims")).toBe(1);
  });

  test("is an error at once when the server has never answered", async () => {
    forever("get kinds", "reset");
    await expect(connection()).rejects.toThrow(UnreachableError);
    expect(countOf("get kinds")).toBeLessThanOrEqual(2); // one for each of the two documents
  });

  test("is not waited for after a cancellation", async () => {
    forever("list storageclasses", "reset");
    const creating = failureOf(create(await connection()));
    while (countOf("list storageclasses") === 0) await nextTurn();
    cancellation.abort();
    await creating;
    expect(countOf("list storageclasses")).toBeLessThanOrEqual(2); // the one under way, and the one after its pause
  });

  test("in the middle of a watch does not hide that the object gets ready", async () => {
    server.phase = "Pending";
    onStatus = (status) => {
      if (!status.includes("Pending")) return;
      server.phase = "Bound";
      server.breakWatches();
    };
    expect(await create(await connection())).toMatchObject({ outputs: { status: { phase: "Bound" } } });
  });

  test("for ever is shown while the object is waited for, and when the wait ends", async () => {
    server.phase = "Pending";
    forever("watch persistentvolumeclaims", "reset");
    onStatus = (status) => {
      if (status.includes("cannot be reached")) cancellation.abort();
    };
    const { details } = await failureOf(create(await connection()));
    expect(statuses.join("\n")).toContain(
      "Waiting for the claim to be bound (it is Pending): The Kubernetes API server",
    );
    expect(details.reasons).toContainEqual(expect.stringContaining("cannot be reached"));
  });
});
