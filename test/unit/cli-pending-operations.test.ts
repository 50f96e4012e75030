import type { KubernetesObject } from "@kubernetes/client-node";
import { type ExportedStack, resolvePendingOperations } from "../../sandbox/engine/pending-operations";

type Pending = NonNullable<ExportedStack["deployment"]["pending_operations"]>[number];
type Resource = Pending["resource"];

function configMap(name: string, id?: string): Resource {
  return {
    urn: `urn:pulumi:dev::platform::kubernetes:core/v1:ConfigMap::${name.split("-")[0]}`,
    type: "kubernetes:core/v1:ConfigMap",
    ...(id !== undefined && { id }),
    inputs: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "demo" } },
  };
}

function inCluster(...names: string[]) {
  const managedFields = [{ manager: "kubectl-edit" }, { manager: "pulumi-kubernetes-1234" }];
  return objects(...names.map((name) => ({ metadata: { name, namespace: "demo", managedFields } })));
}

function objects(...all: KubernetesObject[]) {
  return {
    find: async (_apiVersion: string, _kind: string, name: string) => all.find((each) => each.metadata?.name === name),
  };
}

function stack(pending: Pending[], resources: Resource[] = []) {
  return {
    version: 3,
    deployment: { resources, pending_operations: pending, secrets_providers: { type: "passphrase" } },
  };
}

test("takes in an object whose creation was not recorded, with the name that was generated for it", async () => {
  const exported = stack([{ type: "creating", resource: configMap("settings-1a2b3c4d") }]);
  const resolved = await resolvePendingOperations(exported, inCluster("settings-1a2b3c4d"));
  expect(resolved.adopted).toEqual([configMap("settings").urn]);
  expect(resolved.stack.deployment.resources).toEqual([
    expect.objectContaining({
      id: "demo/settings-1a2b3c4d",
      outputs: expect.objectContaining({ __fieldManager: "pulumi-kubernetes-1234" }),
    }),
  ]);
  expect(resolved.stack.deployment.pending_operations).toEqual([]);
});

test("forgets a creation that never happened", async () => {
  const resolved = await resolvePendingOperations(
    stack([{ type: "creating", resource: configMap("settings") }]),
    inCluster(),
  );
  expect(resolved).toMatchObject({ adopted: [], stack: { deployment: { resources: [], pending_operations: [] } } });
});

test("leaves an object alone that somebody else made", async () => {
  const foreign = objects({ metadata: { name: "settings", managedFields: [{ manager: "kubectl" }] } });
  const resolved = await resolvePendingOperations(
    stack([{ type: "creating", resource: configMap("settings") }]),
    foreign,
  );
  expect(resolved.adopted).toEqual([]);
});

test("updates, deletions and generated values are simply done again", async () => {
  const existing = configMap("settings", "demo/settings");
  const password = { ...configMap("admin"), type: "random:index/randomPassword:RandomPassword" };
  const resolved = await resolvePendingOperations(
    stack(
      [
        { type: "updating", resource: existing },
        { type: "deleting", resource: existing },
        { type: "creating", resource: password },
      ],
      [existing],
    ),
    inCluster("settings", "admin"),
  );
  expect(resolved).toMatchObject({ adopted: [], stack: { deployment: { resources: [existing] } } });
});

test("a replacement that exists takes the place of the old object, which is deleted next", async () => {
  const old = configMap("settings-old", "demo/settings-old");
  const resolved = await resolvePendingOperations(
    stack([{ type: "creating", resource: configMap("settings-new") }], [old]),
    inCluster("settings-old", "settings-new"),
  );
  expect(resolved.stack.deployment.resources).toEqual([
    { ...old, delete: true },
    expect.objectContaining({ id: "demo/settings-new" }),
  ]);
});

test("an old object that the engine had deleted before its replacement is gone from the state as well", async () => {
  const old = { ...configMap("settings", "demo/settings"), pendingReplacement: true };
  const created = { ...configMap("settings-2"), urn: old.urn };
  const resolved = await resolvePendingOperations(
    stack([{ type: "creating", resource: created }], [old]),
    inCluster("settings-2"),
  );
  expect(resolved.stack.deployment.resources).toEqual([expect.objectContaining({ id: "demo/settings-2" })]);
});

test("an operation that was left open twice is resolved once", async () => {
  const open: Pending = { type: "creating", resource: configMap("settings") };
  const resolved = await resolvePendingOperations(stack([open, open]), inCluster("settings"));
  expect(resolved.stack.deployment.resources).toHaveLength(1);
});

describe("an object whose deletion was begun", () => {
  const known = configMap("settings", "demo/settings");
  const open = { type: "deleting", resource: known };

  test("leaves the state when it is gone: the next run could not update it", async () => {
    const { stack: resolved, adopted } = await resolvePendingOperations(stack([open], [known]), inCluster());
    expect(resolved.deployment).toMatchObject({ resources: [], pending_operations: [] });
    expect(adopted).toEqual([]);
  });

  test("is awaited while it goes", async () => {
    const going = { metadata: { name: "settings", deletionTimestamp: new Date(0) } };
    const answers = [going, going, undefined];
    const cluster = { find: async () => answers.shift() as KubernetesObject | undefined };
    const { stack: resolved } = await resolvePendingOperations(stack([open], [known]), cluster);
    expect(resolved.deployment.resources).toEqual([]);
  });

  test("waits for its replacement when others depend on it", async () => {
    const user = { ...configMap("user", "demo/user"), dependencies: [known.urn] };
    const { stack: resolved } = await resolvePendingOperations(stack([open], [known, user]), inCluster("user"));
    expect(resolved.deployment.resources).toEqual([{ ...known, pendingReplacement: true }, user]);
  });

  test("is another one than its replacement", async () => {
    const next = configMap("settings-2", "demo/settings-2");
    const old = { ...known, delete: true };
    const { stack: resolved } = await resolvePendingOperations(stack([open], [next, old]), inCluster("settings-2"));
    expect(resolved.deployment.resources).toEqual([next]);
  });
});
