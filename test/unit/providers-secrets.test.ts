import { makeCheckpoint, markSecrets, readCheckpoint } from "../../sandbox/providers/kubernetes/checkpoint";
import { keepIgnored, takeOver } from "../../sandbox/providers/kubernetes/field-managers";
import { redactor } from "../../sandbox/providers/kubernetes/redaction";
import {
  containsUnknown,
  copySecretMarks,
  isSecret,
  makeSecret,
  type PropertyMap,
  reveal,
} from "../../sandbox/providers/protocol/property-values";

const kept = { fieldManager: "pulumi-kubernetes-1", initialApiVersion: undefined };

test("secret marks of the inputs are on the same fields of the outputs and of the remembered inputs", () => {
  const inputs = { apiVersion: "v1", kind: "ConfigMap", data: { open: "1", hidden: makeSecret("2") } };
  const live = { ...reveal(inputs), metadata: { name: "a", managedFields: [] } };
  const outputs = makeCheckpoint(reveal(inputs), live, inputs, kept);
  expect(outputs["data"]).toEqual({ open: "1", hidden: makeSecret("2") });
  expect(outputs["__inputs"]).toEqual(inputs);
  expect(readCheckpoint(outputs)).toMatchObject({ inputs: reveal(inputs), live: { metadata: { name: "a" } } });
});

test("the content of a Secret is always secret", () => {
  const marked = markSecrets({ apiVersion: "v1", kind: "Secret", data: { a: "YQ==" } }, {});
  expect(isSecret(marked["data"])).toBe(true);
});

test("a list with a secret in it is secret as a whole", () => {
  const inputs = { list: [{ name: "a", value: makeSecret("1") }] };
  expect(isSecret(copySecretMarks(reveal(inputs), inputs)["list"])).toBe(true);
});

test("unknown values are seen inside secrets", () => {
  expect(containsUnknown({ a: makeSecret(["04da6b54-80e4-46f7-96ec-b56ff0331ba9"]) })).toBe(true);
});

test("secret values are hidden in messages, also encoded and escaped", () => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    data: makeSecret({ a: "c2VjcmV0" }),
    note: makeSecret('two\n"lines"'),
  };
  const redact = redactor(secret);
  expect(redact('Invalid value: "c2VjcmV0", "secret", "two\\n\\"lines\\""')).not.toMatch(/c2Vj|secret"|two|lines/);
  expect(redact("nothing to hide")).toBe("nothing to hide");
});

describe("field managers", () => {
  const entry = (manager: string, operation: string, fieldsV1: object) => ({
    manager,
    operation,
    fieldsV1: { ...fieldsV1 },
  });

  const taken = (entries: PropertyMap[], sent: PropertyMap) =>
    takeOver({ metadata: { managedFields: entries } }, { fieldManager: "ours", sent });
  const fields = { "f:data": { ".": {}, "f:a": {}, "f:theirs": {} } };
  const inputs = { data: { a: "1" } };
  const ours = entry("ours", "Apply", { "f:data": { ".": {}, "f:a": {} } });

  test("the resource takes over what it has sent when it created the object, and nothing that others have added", () => {
    const other = entry("somebody", "Update", { "f:data": { "f:b": {} } });
    expect(taken([entry("pulumi-kubernetes", "Update", fields), other], inputs)).toEqual([other, ours]);
  });

  test("what it wrote by replacing the object as a whole becomes its own too", () => {
    expect(taken([entry("ours", "Update", fields), ours], inputs)).toEqual([ours]);
  });

  test("of what kubectl has applied it takes what it has sent; the rest stays kubectl's", () => {
    const applied = entry("kubectl-client-side-apply", "Update", fields);
    const rest = { ...applied, fieldsV1: { "f:data": { "f:theirs": {} } } };
    expect(taken([applied], inputs)).toEqual([rest, ours]);
  });

  test("elements of lists are found by their keys, also where the server has filled in a key", () => {
    const port = { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {} } };
    const created = entry("pulumi-kubernetes", "Update", { "f:spec": { "f:ports": port, "f:type": {} } });
    const [own] = taken([created], { spec: { ports: [{ port: 80 }] } });
    expect(own?.["fieldsV1"]).toEqual({
      "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } },
    });
  });

  test.each([
    ["only somebody else owns is not sent", "autoscaler", {}],
    ["the resource owns is sent with its live value", "ours", { replicas: 5 }],
  ])("an ignored field that %s", (_, manager, spec) => {
    const managedFields = [entry(manager, "Apply", { "f:spec": { "f:replicas": {} } })];
    const live = { metadata: { managedFields }, spec: { replicas: 5 } };
    expect(keepIgnored({ spec: { replicas: 1 } }, live, [["spec", "replicas"]], "ours")).toEqual({ spec });
  });
});
