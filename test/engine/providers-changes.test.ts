import type { ProviderArgs } from "@pulumi/kubernetes";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, PersistentVolumeClaim, Secret, Service } from "@pulumi/kubernetes/core/v1";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import { onlyBuiltin, outputOf, ProviderTests } from "./providers-support";

const tests = new ProviderTests();
const namespace = "conformance";
const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };

function configMap(name: string, data: Record<string, string>, more: Record<string, unknown> = {}) {
  return async () => {
    new ConfigMap("settings", { metadata: { name, namespace }, data, ...more }, tests.provider(mutable));
  };
}

interface Web {
  readonly replicas?: number;
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly app?: string;
  readonly ignoreChanges?: string[];
  readonly provider?: ProviderArgs;
}

function deployment(
  name: string,
  { replicas = 1, image = "web:1", env = [], app = name, ignoreChanges = [], provider = {} }: Web,
) {
  return async () => {
    const labels = { app };
    const resources = { requests: { cpu: "0.1", memory: "1024Ki" } };
    const container = { name: "web", image, resources, env: [...env], securityContext: { privileged: false } };
    const spec = {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    };
    new Deployment("web", { metadata: { name, namespace }, spec }, { ...tests.provider(provider), ignoreChanges });
  };
}

test("a preview shows what would be created and creates nothing", async () => {
  const stack = await tests.stack("preview");
  const { steps } = await stack.preview(configMap("previewed", { a: "1" }));
  expect(steps).toEqual([{ op: "create", name: "settings", paths: [] }]);
  expect(await tests.exists("configmap/previewed")).toBe(false);
});

test("a preview fails with the server's reason when the server would refuse the object", async () => {
  const stack = await tests.stack("refused");
  const { succeeded, messages } = await stack.preview(async () => {
    new Service(
      "web",
      { metadata: { name: "refused", namespace }, spec: { ports: [{ port: 70_000 }] } },
      tests.provider(),
    );
  });
  expect(succeeded).toBe(false);
  expect(messages).toContain("spec.ports[0].port");
});

test("values that are only known after an update do not hinder the preview", async () => {
  const stack = await tests.stack("unknown");
  const program = async () => {
    const options = tests.provider();
    const first = new Service(
      "first",
      { metadata: { name: "first", namespace }, spec: { ports: [{ port: 80 }] } },
      options,
    );
    const address = first.spec.apply(({ clusterIP }) => clusterIP);
    new ConfigMap(
      "second",
      { metadata: { name: "second", namespace }, data: { uid: first.metadata.uid, address } },
      options,
    );
  };
  const preview = await stack.preview(program);
  expect(preview.steps.map(({ op, name }) => [op, name])).toEqual([
    ["create", "first"],
    ["create", "second"],
  ]);
  expect((await stack.up(program)).succeeded).toBe(true);
  expect(await tests.liveField("configmap/second", ".data.address")).toMatch(/^10\./);
});

test("a second up of the same program changes nothing", async () => {
  const stack = await tests.stack("repeated");
  const program = deployment("repeated", { env: [{ name: "A", value: "1" }] });
  await stack.up(program);
  expect((await stack.preview(program)).steps).toEqual([]);
  expect((await stack.up(program)).steps).toEqual([]);
  expect((await stack.refresh(program)).steps).toEqual([]);
  expect((await stack.up(program)).steps).toEqual([]);
});

test("an edit shows exactly the changed paths and is applied", async () => {
  const stack = await tests.stack("edited");
  const env = (value: string) => [
    { name: "A", value },
    { name: "B", value: "same" },
  ];
  await stack.up(deployment("edited", { env: env("1") }));
  const edited = deployment("edited", { env: env("2"), image: "web:2" });
  const container = "spec.template.spec.containers[0]";
  const expected = [{ op: "update", name: "web", paths: [`${container}.env[0].value`, `${container}.image`] }];
  expect((await stack.preview(edited)).steps).toEqual(expected);
  expect((await stack.up(edited)).steps).toEqual(expected);
  expect(await tests.liveField("deployment/edited", ".spec.template.spec.containers[0].env[0].value")).toBe("2");
});

test("a field that the program no longer has is removed from the object", async () => {
  const stack = await tests.stack("removed");
  await stack.up(configMap("removed", { keep: "1", drop: "2" }));
  const { steps } = await stack.up(configMap("removed", { keep: "1" }));
  expect(steps).toEqual([{ op: "update", name: "settings", paths: ["data.drop"] }]);
  expect(await tests.liveField("configmap/removed", ".data")).toBe('{"keep":"1"}');
});

test("an element that leaves the front of a list leaves the others as they are", async () => {
  const stack = await tests.stack("shortened");
  const [a, b, c] = ["A", "B", "C"].map((name) => ({ name, value: name }));
  await stack.up(deployment("shortened", { env: [a, b, c].filter((entry) => entry !== undefined) }));
  await stack.up(deployment("shortened", { env: [b, c].filter((entry) => entry !== undefined) }));
  expect(await tests.liveField("deployment/shortened", ".spec.template.spec.containers[0].env[*].name")).toBe("B C");
});

test("drift is found by refresh and repaired by up", async () => {
  const stack = await tests.stack("drift");
  const program = deployment("drift", { provider: { enablePatchForce: true } });
  await stack.up(program);
  await tests.kubectl("-n", namespace, "scale", "deployment/drift", "--replicas=3");
  expect((await stack.refresh(program)).succeeded).toBe(true);
  const expected = [{ op: "update", name: "web", paths: ["spec.replicas"] }];
  expect((await stack.preview(program)).steps).toEqual(expected);
  expect(await stack.up(program)).toMatchObject({ succeeded: true, messages: "" });
  expect(await tests.liveField("deployment/drift", ".spec.replicas")).toBe("1");
});

onlyBuiltin("what somebody has changed with kubectl is repaired without force", async () => {
  const stack = await tests.stack("hand-edit");
  const program = deployment("hand-edit", { env: [{ name: "A", value: "1" }] });
  await stack.up(program);
  await tests.kubectl("-n", namespace, "set", "env", "deployment/hand-edit", "A=2");
  await stack.refresh(program);
  const { steps, messages } = await stack.up(program);
  const path = "spec.template.spec.containers[0].env[0].value";
  expect({ steps, messages }).toEqual({ steps: [{ op: "update", name: "web", paths: [path] }], messages: "" });
});

test("fields under ignoreChanges keep what somebody else has set", async () => {
  const stack = await tests.stack("ignored");
  await stack.up(deployment("ignored", { ignoreChanges: ["spec.replicas"] }));
  await tests.kubectl("-n", namespace, "scale", "deployment/ignored", "--replicas=2");
  const edited = deployment("ignored", { image: "web:2", ignoreChanges: ["spec.replicas"] });
  await stack.refresh(edited);
  const { steps } = await stack.up(edited);
  expect(steps).toEqual([{ op: "update", name: "web", paths: ["spec.template.spec.containers[0].image"] }]);
  expect(await tests.liveField("deployment/ignored", ".spec.replicas")).toBe("2");
});

test("an object that is gone is created again after a refresh", async () => {
  const stack = await tests.stack("gone");
  const program = configMap("gone", { a: "1" });
  await stack.up(program);
  await tests.kubectl("-n", namespace, "delete", "configmap", "gone");
  await stack.refresh(program);
  expect((await stack.up(program)).steps).toEqual([{ op: "create", name: "settings", paths: [] }]);
});

test("a changed immutable field replaces a named object, the old one first", async () => {
  const stack = await tests.stack("named");
  await stack.up(deployment("named", { app: "one" }));
  const { steps, succeeded } = await stack.up(deployment("named", { app: "two" }));
  expect(succeeded).toBe(true);
  expect(steps.map(({ op }) => op)).toEqual(["delete-replaced", "replace", "create-replacement"]);
  expect(steps.find(({ op }) => op === "replace")?.paths).toContain("spec.selector.matchLabels.app");
});

test("an object with a generated name is replaced without a gap", async () => {
  const stack = await tests.stack("generated");
  const program = (name: string) => async () => {
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
    const binding = new RoleBinding("binding", { metadata: { namespace }, roleRef, subjects: [] }, tests.provider());
    return { name: binding.metadata.name };
  };
  const before = await stack.up(program("view"));
  const after = await stack.up(program("edit"));
  expect(after.steps.map(({ op }) => op)).toEqual(["create-replacement", "replace", "delete-replaced"]);
  expect(outputOf(after, "name")).not.toBe(outputOf(before, "name"));
});

test("a renamed object is replaced, the new one first", async () => {
  const stack = await tests.stack("renamed");
  await stack.up(configMap("renamed-from", { a: "1" }));
  const { steps } = await stack.up(configMap("renamed-to", { a: "1" }));
  expect(steps.map(({ op }) => op)).toEqual(["create-replacement", "replace", "delete-replaced"]);
  expect(await tests.exists("configmap/renamed-from")).toBe(false);
});

test("a generated name is made once from the logical name and then kept", async () => {
  const stack = await tests.stack("autonamed");
  const program = (value: string) => async () => {
    const options = tests.provider(mutable);
    return { name: new ConfigMap("settings", { metadata: { namespace }, data: { value } }, options).metadata.name };
  };
  const name = outputOf<string>(await stack.up(program("1")), "name");
  expect(name).toMatch(/^settings-[0-9a-f]{8}$/);
  expect(outputOf(await stack.up(program("2")), "name")).toBe(name);
});

test("a ConfigMap that is immutable is replaced", async () => {
  const stack = await tests.stack("immutable");
  await stack.up(configMap("immutable", { a: "1" }, { immutable: true }));
  const { steps } = await stack.preview(configMap("immutable", { a: "2" }, { immutable: true }));
  expect(steps.map(({ op }) => op)).toContain("replace");
});

test("without the mutable flags ConfigMaps and Secrets are replaced", async () => {
  const stack = await tests.stack("flags");
  const program = (value: string) => async () => {
    const options = tests.provider();
    new ConfigMap("map", { metadata: { namespace }, data: { value } }, options);
    new Secret("secret", { metadata: { namespace }, stringData: { value } }, options);
  };
  await stack.up(program("1"));
  const { steps } = await stack.preview(program("2"));
  expect(
    steps
      .filter(({ op }) => op === "replace")
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["map", "secret"]);
});

test("only the targeted resource is touched", async () => {
  const stack = await tests.stack("targeted");
  const program = (value: string) => async () => {
    const options = tests.provider(mutable);
    const maps = ["one", "two"].map(
      (name) => new ConfigMap(name, { metadata: { namespace }, data: { value } }, options),
    );
    return { urns: pulumi.all(maps.map(({ urn }) => urn)) };
  };
  const [target = ""] = outputOf<string[]>(await stack.up(program("1")), "urns");
  const { steps } = await stack.up(program("2"), { target: [target] });
  expect(steps).toEqual([{ op: "update", name: "one", paths: ["data.value"] }]);
});

test("a claim grows in place", async () => {
  const stack = await tests.stack("grown");
  const program = (storage: string) => async () => {
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } };
    new PersistentVolumeClaim("data", { metadata: { name: "grown", namespace }, spec }, tests.provider());
  };
  await stack.up(program("1Gi"));
  const { steps } = await stack.preview(program("1024Mi"));
  expect(steps).toEqual([]);
});
