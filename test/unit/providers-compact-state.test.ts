import { inOfficialForm } from "../../sandbox/engine/official-form";
import { makeCheckpoint } from "../../sandbox/providers/kubernetes/checkpoint";
import {
  compactOutputs,
  completeForProgram,
  completeOutputs,
  withCompactState,
} from "../../sandbox/providers/kubernetes/compact-state";
import { makeSecret, type PropertyMap, reveal } from "../../sandbox/providers/protocol/property-values";
import { InitializationError, type ResourceProvider } from "../../sandbox/providers/protocol/resource-provider";

const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };
const immutable = { enableConfigMapMutable: false, enableSecretMutable: false };

function official(inputs: PropertyMap, live: PropertyMap): PropertyMap {
  return makeCheckpoint(reveal(inputs), live, inputs, { fieldManager: "manager", initialApiVersion: undefined });
}

const metadata = { name: "a", namespace: "b", labels: { app: "a" } };
const serverSet = { uid: "1", resourceVersion: "7" };

const script = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "run.sh": "echo" } };
const liveScript = { ...script, metadata: { ...metadata, ...serverSet } };

const container = { name: "web", image: "a:1" };
const workload = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata,
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "a" } },
    template: { metadata: { labels: { app: "a" } }, spec: { containers: [container] } },
  },
};
const liveWorkload = {
  ...workload,
  metadata: { ...metadata, ...serverSet },
  spec: {
    ...workload.spec,
    progressDeadlineSeconds: 600,
    template: { ...workload.spec.template, spec: { containers: [{ ...container, terminationMessagePath: "/x" }] } },
  },
  status: { readyReplicas: 1 },
};

test("a script stands in the state once, and can be completed again", () => {
  const outputs = official(script, liveScript);
  const compact = compactOutputs(outputs, script, mutable);
  expect(JSON.stringify(compact)).not.toContain("echo");
  expect(completeOutputs(compact, script)).toEqual(outputs);
  expect(completeOutputs(outputs, script)).toBe(outputs);
});

test("the defaults of a workload go, its status stays", () => {
  const compact = compactOutputs(official(workload, liveWorkload), workload, mutable);
  expect(JSON.stringify(compact)).not.toMatch(/image|progressDeadline|terminationMessage/);
  expect(completeOutputs(compact, workload)).toMatchObject({ ...workload, status: { readyReplicas: 1 } });
});

// A published plugin compares the live fields of `__inputs` with the new inputs; what is not there counts as added.
test.each([
  { name: "name and namespace", object: script, live: liveScript, options: mutable, paths: [["metadata", "name"]] },
  { name: "content that cannot be changed", object: script, live: liveScript, options: immutable, paths: [["data"]] },
  { name: "a selector", object: workload, live: liveWorkload, options: mutable, paths: [["spec", "selector"]] },
])("what would replace an object stays: $name", ({ object, live, options, paths }) => {
  const compact = compactOutputs(official(object, live), object, options);
  const at = (map: unknown, path: string[]) =>
    path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], map);
  expect(compact["__compact"]).toBe(true);
  for (const path of [...paths, ["metadata", "namespace"], ["kind"]]) {
    expect(at(compact, path)).toEqual(at(object, path));
    expect(at(compact["__inputs"], path)).toEqual(at(object, path));
  }
});

test("what somebody changed by hand is still seen", () => {
  const changed = { ...liveScript, data: { "run.sh": "other" } };
  const compact = compactOutputs(official(script, changed), script, mutable);
  expect(completeOutputs(compact, script)).toMatchObject({ data: { "run.sh": "other" } });
});

test("an object that the two forms would not give alike is left whole", () => {
  const { labels: _, ...withoutLabels } = liveScript.metadata;
  const outputs = official(script, { ...liveScript, metadata: withoutLabels });
  expect(compactOutputs(outputs, script, mutable)).toBe(outputs);
  const others = official({ ...script, data: {} }, liveScript);
  expect(compactOutputs(others, script, mutable)).toBe(others);
  const imported = { ...official(script, liveScript), __imported: true };
  expect(compactOutputs(imported, script, mutable)).toBe(imported);
});

test("secrets stay marked, in the state and for the program", () => {
  const inputs = { apiVersion: "v1", kind: "Secret", metadata, data: makeSecret({ key: "dmFsdWU=" }) };
  const outputs = official(inputs, { ...reveal(inputs), metadata: { ...metadata, ...serverSet } });
  const compact = compactOutputs(outputs, inputs, mutable);
  expect(JSON.stringify(compact)).not.toContain("dmFsdWU=");
  expect(completeOutputs(compact, inputs)).toEqual(outputs);
  const given = { ...reveal(inputs), data: {}, stringData: { key: makeSecret("value") } };
  expect(completeForProgram(compact, given)["data"]).toEqual(makeSecret({ key: "dmFsdWU=" }));
});

test("the provider sees the official form, the state gets the compact one, also of what is not ready", async () => {
  const outputs = official(script, liveScript);
  const diff = jest.fn(async () => ({ differences: new Map() }));
  const failure = new InitializationError("no", { id: "b/a", outputs, reasons: ["no"] });
  const provider = withCompactState({
    configure: async () => {},
    diff,
    create: async () => ({ id: "b/a", outputs }),
    update: () => Promise.reject(failure),
    read: async () => ({ id: "b/a", inputs: script, outputs }),
  } as unknown as ResourceProvider);
  await provider.configure({ enableConfigMapMutable: "true", enableSecretMutable: "true" });
  const request = { urn: "urn", name: "a", type: "kubernetes:core/v1:ConfigMap", id: "b/a" };
  const created = await provider.create({ ...request, inputs: script, timeout: 0, preview: false });
  expect(created.outputs["__compact"]).toBe(true);
  const old = { oldInputs: script, oldOutputs: created.outputs, newInputs: script, ignoreChanges: [] };
  await provider.diff({ ...request, ...old });
  expect(diff).toHaveBeenCalledWith(expect.objectContaining({ oldOutputs: outputs }));
  const update = provider.update({ ...request, ...old, timeout: 0, preview: false });
  await expect(update).rejects.toMatchObject({ details: { outputs: { __compact: true } } });
  expect((await provider.read({ ...request, inputs: script, outputs: created.outputs }))?.outputs).toEqual(
    created.outputs,
  );
  // The engine does not keep the inputs that an import finds.
  expect((await provider.read({ ...request, inputs: {}, outputs: {} }))?.outputs).toBe(outputs);
});

test("a stack is brought into the official form for the published plugins", () => {
  const outputs = official(script, liveScript);
  const compact = compactOutputs(outputs, script, mutable);
  const stack = (stored: PropertyMap) => ({
    version: 3,
    deployment: { resources: [{ inputs: script, outputs: stored }] },
  });
  expect(inOfficialForm(stack(compact))).toEqual(stack(outputs));
  expect(inOfficialForm(stack(outputs))).toBeUndefined();
});
