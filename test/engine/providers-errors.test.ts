import { ConfigMap, ConfigMapPatch, Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { onlyBuiltin, ProviderTests, unlikeOfficial } from "./providers-support";

const tests = new ProviderTests();
const namespace = "conformance";

function configMap(name: string, options: () => pulumi.CustomResourceOptions = () => tests.provider()) {
  return async () => {
    new ConfigMap("settings", { metadata: { name, namespace }, data: { a: "1" } }, options());
  };
}

test("an object that exists already is not taken over", async () => {
  const stack = await tests.stack("existing");
  await tests.kubectl("-n", namespace, "create", "configmap", "existing", "--from-literal=theirs=1");
  const { succeeded, messages } = await stack.up(configMap("existing"));
  expect(succeeded).toBe(false);
  expect(messages).toContain("already exists");
  expect(messages).toMatch(/import/);
  expect(await tests.liveField("configmap/existing", ".data")).toBe('{"theirs":"1"}');
});

test("an existing object can be imported and is left as it is", async () => {
  const stack = await tests.stack("imported");
  await tests.kubectl("-n", namespace, "create", "configmap", "imported", "--from-literal=a=1");
  const program = configMap("imported", () => ({ ...tests.provider(), import: `${namespace}/imported` }));
  const { steps, succeeded, messages } = await stack.up(program);
  expect({ succeeded, messages }).toEqual({ succeeded: true, messages: "" });
  expect(steps.map(({ op }) => op)).toEqual(["import"]);
  expect((await stack.up(configMap("imported"))).steps).toEqual([]);
});

test("a field that another manager owns is a conflict unless patchForce is set", async () => {
  const stack = await tests.stack("conflict");
  const program =
    (value: string, annotations: Record<string, string> = {}) =>
    async () => {
      const options = tests.provider({ enableConfigMapMutable: true });
      new ConfigMap("settings", { metadata: { name: "conflict", namespace, annotations }, data: { value } }, options);
    };
  await stack.up(program("1"));
  await stack.up(program("2"));
  const theirs = JSON.stringify({ data: { value: "theirs" } });
  await tests.kubectl("-n", namespace, "patch", "configmap", "conflict", "--field-manager=somebody", "-p", theirs);
  const refused = await stack.up(program("3"));
  expect(refused.succeeded).toBe(false);
  expect(refused.messages).toContain("somebody");
  expect((await stack.up(program("3", { "pulumi.com/patchForce": "true" }))).succeeded).toBe(true);
  expect(await tests.liveField("configmap/conflict", ".data.value")).toBe("3");
});

test("secrets are in no plain text in the state, and not in the server's refusals", async () => {
  const stack = await tests.stack("secrets");
  const [password, token] = ["correct-horse-battery", "staple-of-tokens"];
  const program = (type: string) => async () => {
    const options = tests.provider({ enableConfigMapMutable: true, enableSecretMutable: true });
    const metadata = { name: "secrets", namespace };
    new Secret("secret", { metadata, type, stringData: { password } }, options);
    new ConfigMap("map", { metadata, data: { open: "visible", hidden: pulumi.secret(token) } }, options);
  };
  const plain = [password, token, Buffer.from(password).toString("base64"), Buffer.from(token).toString("base64")];
  await stack.up(program("Opaque"));
  await stack.refresh(program("Opaque"));
  const state = stack.state();
  expect(state).toContain("visible");
  for (const text of plain) expect(state).not.toContain(text);
  const refused = await stack.up(program("kubernetes.io/dockerconfigjson"));
  expect(refused.succeeded).toBe(false);
  for (const text of plain) expect(refused.messages).not.toContain(text);
});

test("a changed Secret is updated in place and stays secret", async () => {
  const stack = await tests.stack("secret-change");
  const program = (value: string) => async () => {
    const metadata = { name: "secret-change", namespace };
    new Secret("secret", { metadata, stringData: { value } }, tests.provider({ enableSecretMutable: true }));
  };
  await stack.up(program("first-value"));
  expect((await stack.up(program("first-value"))).steps).toEqual([]);
  const { steps } = await stack.up(program("second-value"));
  expect(steps).toEqual([{ op: "update", name: "secret", paths: ["data.value"] }]);
  expect(stack.state()).not.toContain(Buffer.from("second-value").toString("base64"));
});

unlikeOfficial("a cluster that cannot be reached fails preview and up with its address and context", async () => {
  const stack = await tests.stack("unreachable");
  const kubeconfig = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "away", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "me", user: { token: "secret-bearer-token" } }],
    contexts: [{ name: "nowhere", context: { cluster: "away", user: "me" } }],
    "current-context": "nowhere",
  });
  const program = configMap("unreachable", () => tests.provider({ kubeconfig, context: "nowhere" }));
  for (const { succeeded, messages } of [await stack.preview(program), await stack.up(program)]) {
    expect(succeeded).toBe(false);
    expect(messages).toContain("https://127.0.0.1:1");
    expect(messages).toContain('"nowhere"');
    expect(messages).not.toContain("secret-bearer-token");
  }
});

unlikeOfficial("a context that the kubeconfig does not have is an error that names those it has", async () => {
  const stack = await tests.stack("context");
  const { messages, succeeded } = await stack.preview(configMap("context", () => tests.provider({ context: "wrong" })));
  expect(succeeded).toBe(false);
  expect(messages).toContain('"wrong"');
  expect(messages).toContain(tests.cluster.context);
});

test("another clusterIdentifier replaces the provider's objects", async () => {
  const stack = await tests.stack("identifier");
  const program = (clusterIdentifier: string) => configMap("identifier", () => tests.provider({ clusterIdentifier }));
  await stack.up(program("one"));
  expect((await stack.preview(program("one"))).steps).toEqual([]);
  expect((await stack.preview(program("two"))).steps.map(({ op }) => op)).toContain("replace");
});

test("an invalid name is refused before anything is made", async () => {
  const stack = await tests.stack("name");
  const { messages, succeeded } = await stack.preview(configMap("Not_Valid"));
  expect(succeeded).toBe(false);
  expect(messages).toContain("Not_Valid");
});

onlyBuiltin("what the builtin provider does not serve is refused with what to use instead", async () => {
  const stack = await tests.stack("unserved");
  const { messages, succeeded } = await stack.preview(async () => {
    new ConfigMapPatch("patch", { metadata: { name: "unserved", namespace }, data: {} }, tests.provider());
  });
  expect(succeeded).toBe(false);
  expect(messages).toContain("Declare the whole object as kubernetes:core/v1:ConfigMap");
});
