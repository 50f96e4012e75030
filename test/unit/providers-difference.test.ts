import * as fc from "fast-check";
import { type Difference, differences } from "../../sandbox/providers/kubernetes/difference";
import { immutablePaths, touches } from "../../sandbox/providers/kubernetes/immutable-fields";
import { normalizeInputs } from "../../sandbox/providers/kubernetes/inputs";
import { pruneTo, refreshInputs } from "../../sandbox/providers/kubernetes/live-fields";
import { containsPath, formatPath, parsePath } from "../../sandbox/providers/protocol/property-path";
import type { PropertyMap, PropertyValue } from "../../sandbox/providers/protocol/property-values";

function paths(found: readonly Difference[]): string[] {
  return found.map(({ path, kind }) => `${kind} ${formatPath(path)}`).sort();
}

/** Differences when `old` was deployed, the cluster made `live` of it, and the program now says `wanted`. */
function compare(live: PropertyMap, old: PropertyMap, wanted: PropertyMap): string[] {
  return paths(differences(pruneTo(live, old), old, wanted));
}

describe("differences between the live object and the inputs", () => {
  const old = { spec: { replicas: 1, list: [{ name: "a" }, { name: "b" }] } };

  test("fields that the server or a controller has added do not count", () => {
    const live = { ...old, status: { ready: true }, spec: { ...old.spec, strategy: { type: "RollingUpdate" } } };
    expect(compare(live, old, old)).toEqual([]);
  });

  test("added, changed and removed fields are found where they are", () => {
    const wanted = { spec: { replicas: 2, paused: true, list: [{ name: "a" }] } };
    expect(compare(old, old, wanted)).toEqual(["add spec.paused", "delete spec.list[1]", "update spec.replicas"]);
  });

  test.each([false, "", 0, [], {}])(
    "the empty value %j, which the server does not store, is no difference",
    (empty) => {
      const sent = { spec: { field: empty } };
      expect(compare({ spec: {} }, sent, sent)).toEqual([]);
      expect(compare({ spec: {} }, refreshInputs({ spec: {} }, sent), sent)).toEqual([]);
    },
  );

  test.each([
    ["0.5", "500m", []],
    ["1024Mi", "1Gi", []],
    ["1", "2", ["update spec.hard.cpu"]],
    ["1k", "1Ki", ["update spec.hard.cpu"]],
  ])("the quantities %s and %s give %j", (wanted, live, expected) => {
    const quota = (cpu: string) => ({ apiVersion: "v1", kind: "ResourceQuota", spec: { hard: { cpu } } });
    expect(compare(quota(live), quota(wanted), quota(wanted))).toEqual(expected);
  });

  test("a text that only looks like an amount is a text, whatever its key", () => {
    const map = (limits: string) => ({ apiVersion: "v1", kind: "ConfigMap", data: { limits, requests: limits } });
    expect(compare(map("1000m"), map("1000m"), map("1"))).toEqual(["update data.limits", "update data.requests"]);
  });

  test("what others have put into a list that several writers share is no difference, wherever it stands", () => {
    const pod = (...env: PropertyMap[]) => {
      const containers = [{ name: "proxy" }, { name: "main", image: "a:1", env }];
      const template = { spec: { containers } };
      return { apiVersion: "apps/v1", kind: "Deployment", spec: { template } };
    };
    const variable = (name: string): PropertyMap => ({ name, value: name });
    const [a, b, theirs] = [variable("a"), variable("b"), variable("theirs")] as const;
    const ours = { ...pod(a, b), spec: { template: { spec: { containers: [{ name: "main", env: [a, b] }] } } } };
    expect(compare(pod(theirs, a, b), ours, ours)).toEqual([]);
    expect(refreshInputs(pod(theirs, a, b), ours)).toEqual(ours);
    // The order of variables has a meaning: a later one may refer to an earlier one.
    expect(compare(pod(theirs, b, a), ours, ours)).not.toEqual([]);
  });

  test("an empty list that the server names as null is what the program says, also after a refresh", () => {
    const role = (rules: PropertyValue) => ({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", rules });
    expect(compare(role(null), role([]), role([]))).toEqual([]);
    const refreshed = refreshInputs(role(null), role([]));
    expect(refreshed).toEqual(role([]));
    expect(compare(role(null), refreshed, role([]))).toEqual([]);
  });

  test("an object never differs from what it was made of", () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const object = fc.letrec<{ tree: PropertyMap }>((tie) => ({
      tree: fc.dictionary(
        fc.string({ minLength: 1 }),
        fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf), tie("tree")),
      ) as fc.Arbitrary<PropertyMap>,
    })).tree;
    fc.assert(
      fc.property(object, (inputs) => {
        expect(compare(inputs, inputs, inputs)).toEqual([]);
        expect(compare({}, refreshInputs({}, inputs), {})).toEqual([]);
      }),
    );
  });
});

describe("inputs in the form that the server stores", () => {
  test("a Secret's stringData becomes data and wins over it", () => {
    const secret = { apiVersion: "v1", kind: "Secret", data: { a: "YQ==\n", b: "Yg==" }, stringData: { b: "other" } };
    expect(normalizeInputs(secret)).toEqual({ apiVersion: "v1", kind: "Secret", data: { a: "YQ==", b: "b3RoZXI=" } });
  });

  test("nulls vanish from kinds of Kubernetes and stay in custom resources", () => {
    const spec = { strategy: { type: "Recreate", rollingUpdate: null } };
    expect(normalizeInputs({ apiVersion: "apps/v1", kind: "Deployment", spec })["spec"]).toEqual({
      strategy: { type: "Recreate" },
    });
    expect(normalizeInputs({ apiVersion: "a.test/v1", kind: "A", spec })["spec"]).toEqual(spec);
  });

  test("metadata that only the server sets is left out", () => {
    const metadata = { name: "a", uid: "1", creationTimestamp: null, resourceVersion: "2" };
    expect(normalizeInputs({ apiVersion: "v1", kind: "ConfigMap", metadata })["metadata"]).toEqual({ name: "a" });
  });
});

describe("property paths", () => {
  test.each([
    ["spec.ports[0].port", ["spec", "ports", 0, "port"]],
    ['metadata.labels["app.kubernetes.io/name"]', ["metadata", "labels", "app.kubernetes.io/name"]],
    ['data["a\\"b"]', ["data", 'a"b']],
  ])("%s is read and written", (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(formatPath(path)).toBe(text);
  });

  test.each([
    ["spec", "spec.replicas", true],
    ["spec.replicas", "spec", false],
    ["spec.containers[*].image", "spec.containers[2].image", true],
    ["spec.containers[1].image", "spec.containers[2].image", false],
  ])("%s contains %s: %s", (outer, inner, expected) => {
    expect(containsPath(parsePath(outer), parsePath(inner))).toBe(expected);
  });
});

describe("fields that cannot change in place", () => {
  const none = { enableConfigMapMutable: false, enableSecretMutable: false };
  const replaces = (object: PropertyMap, path: string, options = none) =>
    immutablePaths(object, options).some((field) => touches(field, parsePath(path), { matchLabels: { app: "a" } }));
  const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };

  test.each([
    ["apps/v1", "Deployment", "spec.selector.matchLabels.app", true],
    ["apps/v1", "Deployment", "spec.replicas", false],
    ["apps/v1", "StatefulSet", "spec.volumeClaimTemplates[0].spec", true],
    ["batch/v1", "Job", "spec.template.spec.containers[0].image", true],
    ["v1", "Pod", "spec.containers[0].env[1].value", true],
    ["v1", "Pod", "spec.containers[0].image", true],
    ["v1", "Pod", "spec.initContainers[1].readinessProbe.httpGet", true],
    ["v1", "Pod", "spec.tolerations", false],
    ["v1", "PersistentVolumeClaim", "spec.resources.requests.storage", false],
    ["v1", "Service", "metadata.namespace", true],
    ["v1", "Secret", "data.password", true],
  ])("%s %s %s: %s", (apiVersion, kind, path, expected) => {
    expect(replaces({ apiVersion, kind }, path)).toBe(expected);
  });

  test("mutable flags and the field immutable decide for ConfigMaps and Secrets", () => {
    const map = { apiVersion: "v1", kind: "ConfigMap" };
    expect(replaces(map, "data.a", mutable)).toBe(false);
    expect(replaces({ ...map, immutable: true }, "data.a", mutable)).toBe(true);
    expect(replaces({ apiVersion: "v1", kind: "Secret" }, "type", mutable)).toBe(true);
  });
});
