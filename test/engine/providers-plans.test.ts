import { clusterUp } from "../../sandbox/cluster";
import { silentProgress } from "../../sandbox/progress";
import {
  isSecret,
  mapAt,
  type PropertyMap,
  reveal,
  unknownString,
} from "../../sandbox/providers/protocol/property-values";
import { describe as describeDiff, KubernetesObjects, type StoredObject } from "../support/kubernetes-objects";
import { eventually, temporarySandbox } from "./cluster-support";

/** What a preview says is what `up` will say, and neither harms what is there. */
const sandbox = temporarySandbox();
let kubeconfig: string;
let objects: KubernetesObjects;
const connections: KubernetesObjects[] = [];
const namespace = "plans";

beforeAll(async () => {
  ({ kubeconfig } = await clusterUp(silentProgress, { directory: sandbox.directory }));
  objects = await newRun();
  await objects.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});

afterAll(async () => {
  for (const each of connections) each.close();
  await sandbox.remove();
});

/** Another run of the engine: it does not know what earlier ones have seen. */
async function newRun(): Promise<KubernetesObjects> {
  const run = await KubernetesObjects.connect(kubeconfig, {
    kubeClientSettings: JSON.stringify({ qps: 1000, burst: 1000 }),
  });
  connections.push(run);
  return run;
}

const unawaited = { "pulumi.com/skipAwait": "true" };

function named(
  apiVersion: string,
  kind: string,
  name: string,
  more: PropertyMap = {},
  place: PropertyMap = { namespace },
): PropertyMap {
  return {
    apiVersion,
    kind,
    ...more,
    metadata: { name, ...place, annotations: unawaited, ...mapAt(more, "metadata") },
  };
}

function pod(name: string, container: PropertyMap = {}, spec: PropertyMap = {}, place?: PropertyMap): PropertyMap {
  const containers = [{ name: "main", image: "registry.test/app:1", ...container }];
  return named("v1", "Pod", name, { spec: { containers, ...spec } }, place);
}

function deployment(name: string, container: PropertyMap = {}, spec: PropertyMap = {}): PropertyMap {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "main", image: "registry.test/app:1", ...container }] },
  };
  return named("apps/v1", "Deployment", name, {
    spec: { replicas: 0, selector: { matchLabels: labels }, template, ...spec },
  });
}

function claim(name: string, storage: string, storageClassName = "standard"): PropertyMap {
  const spec = { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage } } };
  return named("v1", "PersistentVolumeClaim", name, { spec });
}

/** A preview and an `up` in runs of their own refuse an object with the same words. */
async function refusal(object: PropertyMap): Promise<string> {
  const preview = await reason((await newRun()).previewCreate(object));
  expect(await reason((await newRun()).create(object))).toBe(preview);
  return preview;
}

async function reason(operation: Promise<unknown>): Promise<string> {
  return await operation.then(
    () => "",
    (error: Error) => error.message,
  );
}

/** Does what somebody else does. */
async function others(object: PropertyMap): Promise<void> {
  const run = await KubernetesObjects.connect(kubeconfig, {});
  connections.push(run);
  const stored = await run.import(object, `${namespace}/${String(mapAt(object, "metadata")["name"])}`);
  const annotations = { ...mapAt(object, "metadata", "annotations"), "pulumi.com/patchFieldManager": "somebody" };
  await run.update(stored, { ...object, metadata: { ...mapAt(object, "metadata"), annotations } });
}

describe("an object that the server would only half take is refused before it is made", () => {
  test.each([
    ["an unknown field", deployment("unknown", {}, { replica: 3 }), /unknown field "spec.replica".*would drop it/s],
    [
      "an unknown field of a container",
      pod("unknown", { imagePolicy: "Always" }),
      /unknown field "spec.containers\[0\].imagePolicy"/,
    ],
    [
      "a variable that is named twice",
      deployment("twice", {
        env: [
          { name: "A", value: "1" },
          { name: "A", value: "2" },
        ],
      }),
      /containers\[0\]\.env\[1\].*env\[0\] are the same \(name A\)/,
    ],
    [
      "a port that is named twice",
      deployment("twice", { ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }] }),
      /ports\[1\].*the same \(containerPort 80, protocol TCP\)/,
    ],
  ])("%s", async (_, object, message) => {
    expect(await refusal(object)).toMatch(message);
  });
});

describe("what the server drops is no difference", () => {
  test("the namespace of an object that has none", async () => {
    const role = named("rbac.authorization.k8s.io/v1", "ClusterRole", "plans-role", { rules: [] });
    const made = await objects.create(role);
    expect(made.id).toBe("plans-role");
    for (const stored of [made, await objects.refresh(made)])
      expect(await objects.differences(stored, role)).toEqual([]);
  });

  test("a status that only controllers write", async () => {
    const names = { kind: "Gauge", plural: "gauges", singular: "gauge" };
    const schema = { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } };
    const versions = [{ name: "v1", served: true, storage: true, schema, subresources: { status: {} } }];
    const spec = { group: "plans.test", scope: "Namespaced", names, versions };
    await objects.create({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "gauges.plans.test" },
      spec,
    });
    const gauge = named("plans.test/v1", "Gauge", "gauge", { spec: { limits: "1000m" }, status: { value: 1 } });
    const made = await objects.create(gauge);
    expect(await objects.differences(made, gauge)).toEqual([]);
    expect(await objects.differences(await objects.refresh(made), gauge)).toEqual([]);
    // Of custom resources nobody knows what is an amount.
    expect(await objects.differences(made, { ...gauge, spec: { limits: "1" } })).toEqual(["update spec.limits"]);
  });
});

test("a text that looks like an amount is changed when the program changes it", async () => {
  const map = (limits: string) => named("v1", "ConfigMap", "amounts", { data: { limits, requests: limits } });
  const made = await objects.create(map("1000m"));
  const updated = await objects.update(made, map("1"));
  expect(updated.outputs["data"]).toEqual({ limits: "1", requests: "1" });
});

test("elements that somebody puts into a list are no difference, also where only the server knows whose they are", async () => {
  const app = deployment("shared", { env: [{ name: "OURS", value: "1" }] });
  const made = await objects.update(await objects.create(app), {
    ...app,
    metadata: { ...mapAt(app, "metadata"), labels: { a: "1" } },
  });
  const labelled = { ...app, metadata: { ...mapAt(app, "metadata"), labels: { a: "1" } } };
  await others(deployment("shared", { env: [{ name: "THEIRS", value: "1" }] }));
  const refreshed = await objects.refresh(made);
  expect(await objects.differences(refreshed, labelled)).toEqual([]);
  const without = await objects.differences(refreshed, { ...labelled, spec: mapAt(deployment("shared"), "spec") });
  expect(without).toEqual([expect.stringMatching(/^delete spec\.template\.spec\.containers\[0\]\.env/)]);
});

describe("a refusal by the cluster's rules shows in the preview", () => {
  test("a claim that cannot grow", async () => {
    const fixed = { provisioner: "kubernetes.io/host-path", allowVolumeExpansion: false };
    await objects.create(named("storage.k8s.io/v1", "StorageClass", "fixed", fixed, {}));
    const made = await objects.create(claim("fixed", "1Gi", "fixed"));
    const phase = async () => mapAt((await objects.refresh(made)).outputs, "status")["phase"];
    await eventually(async () => ((await phase()) === "Bound" ? true : undefined));
    const grow = async (preview: boolean) =>
      reason((await newRun()).update(made, claim("fixed", "2Gi", "fixed"), preview));
    expect(await grow(true)).toMatch(/only dynamically provisioned pvc can be resized.*allowVolumeExpansion/s);
    expect(await grow(false)).toBe(await grow(true));
  });

  test("a claim that cannot shrink", async () => {
    const made = await objects.create(claim("shrinking", "2Gi"));
    expect(await reason(objects.update(made, claim("shrinking", "1Gi"), true))).toMatch(/Forbidden|less than/);
  });

  test("an exceeded quota, unless the same run changes it", async () => {
    const quota = (maps: string) => named("v1", "ResourceQuota", "few", { spec: { hard: { "count/secrets": maps } } });
    const made = await objects.create(quota("0"));
    const secret = named("v1", "Secret", "one-more", { stringData: { a: "1" } });
    await eventually(async () => ((await reason((await newRun()).previewCreate(secret))) === "" ? undefined : true));
    expect(await refusal(secret)).toMatch(/exceeded quota: few.*ResourceQuota of the namespace plans/s);
    const run = await newRun();
    expect(await run.differences(made, quota("5"))).toEqual(["update spec.hard.count/secrets"]);
    await run.previewCreate(secret);
    expect(run.warnings.join()).toContain("ResourceQuota plans/few is changed");
    await objects.update(made, quota("50"));
  });

  test("the Pod Security level of the namespace", async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await objects.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "strict", labels } });
    expect(await refusal(pod("refused", {}, {}, { namespace: "strict" }))).toMatch(
      /violates PodSecurity.*labels of the namespace strict/s,
    );
  });
});

describe("an object that exists", () => {
  const map = named("v1", "ConfigMap", "existing", { data: { a: "1" } });

  test("and was made by Pulumi is most likely a renamed resource, which an import would delete", async () => {
    await objects.create(map);
    const message = await refusal(map);
    expect(message).toMatch(/aliases: \[\{ name: "former name" \}\].*Do not import it while the state still has it/s);
  });

  test("and was made by somebody else can be imported", async () => {
    expect(await refusal(named("v1", "ConfigMap", "kube-root-ca.crt"))).toMatch(
      /Pulumi has not made it\. Adopt it with `npm run import/,
    );
  });

  test("is no error in the preview of a replacement", async () => {
    const run = await newRun();
    const stored = await run.import(map, `${namespace}/existing`);
    await run.check(map, { ...stored, urn: "urn:pulumi:test::objects::kubernetes:core/v1:ConfigMap::same" });
    await run.previewCreate(map, "same");
  });

  test("and is meant by two resources of the program is refused with both names", async () => {
    const run = await newRun();
    await run.check(map, undefined, "first");
    const message = await reason(run.check(map, undefined, "second"));
    expect(message).toMatch(/Two resources of the program mean ConfigMap plans\/existing: "first" and "second"/);
    expect(message).not.toMatch(/Adopt|npm run import/);
  });
});

describe("the content of a Secret stays secret in annotations", () => {
  const password = "correct-horse-battery";
  const secret = named("v1", "Secret", "copied", { stringData: { password } });
  const encoded = Buffer.from(password).toString("base64");

  /** Everything in the state that is not encrypted. */
  function plainText(stored: StoredObject): string {
    return JSON.stringify(stored, (_, value) => (isSecret(value) ? "[secret]" : value));
  }

  test("that kubectl, a backup tool or the program itself have written, after a refresh and an import", async () => {
    const made = await objects.create(secret);
    const copies = {
      "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ data: { password: encoded } }),
      "backup.test/object": Buffer.from(JSON.stringify({ password })).toString("hex"),
    };
    await others({ ...secret, metadata: { ...mapAt(secret, "metadata"), annotations: { ...unawaited, ...copies } } });
    const refreshed = await objects.refresh(made);
    const imported = await objects.import(secret, made.id);
    for (const stored of [refreshed, imported]) {
      const text = plainText(stored);
      expect(text).toContain("skipAwait");
      for (const hidden of [password, encoded, copies["backup.test/object"]]) expect(text).not.toContain(hidden);
    }
    expect(mapAt(reveal(refreshed.outputs), "metadata", "annotations")).toMatchObject(copies);
    const ours = {
      ...secret,
      metadata: {
        ...mapAt(secret, "metadata"),
        annotations: { ...unawaited, note: `it is ${password}`, open: "shown" },
      },
    };
    const inputs = await objects.check(ours, refreshed);
    expect(plainText({ ...refreshed, inputs })).not.toContain(password);
    expect(plainText({ ...refreshed, inputs })).toContain("shown");
  });
});

describe("what is not known yet, at a place that cannot change, means a replacement", () => {
  test.each<[string, PropertyMap, PropertyMap, string[]]>([
    ["a Deployment's specification", deployment("later"), { spec: unknownString }, ["replace update spec"]],
    [
      "an object's metadata",
      named("v1", "ServiceAccount", "later"),
      { metadata: unknownString },
      ["replace update metadata"],
    ],
    [
      "a Service's specification",
      named("v1", "Service", "later", { spec: { ports: [{ port: 80 }] } }),
      { spec: unknownString },
      ["replace update spec"],
    ],
    [
      "a Secret's content",
      named("v1", "Secret", "later", { data: { a: "YQ==" } }),
      { data: unknownString },
      ["update data"],
    ],
    [
      "a role's rules",
      named("rbac.authorization.k8s.io/v1", "Role", "later", {
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      }),
      { rules: unknownString },
      ["update rules"],
    ],
  ])("%s", async (_, object, later, expected) => {
    const made = await objects.create(object);
    expect(describeDiff(await objects.diff(made, { ...made.inputs, ...later }))).toEqual(expected);
  });
});

describe("a volume that is in use", () => {
  const volume = (path: string) =>
    named(
      "v1",
      "PersistentVolume",
      "used",
      {
        spec: {
          capacity: { storage: "1Gi" },
          accessModes: ["ReadWriteMany"],
          storageClassName: "",
          hostPath: { path },
        },
      },
      {},
    );
  const bound = named("v1", "PersistentVolumeClaim", "used", {
    spec: {
      accessModes: ["ReadWriteMany"],
      storageClassName: "",
      volumeName: "used",
      resources: { requests: { storage: "1Gi" } },
    },
  });

  test("is not deleted, which would hang, and the preview of its replacement says so", async () => {
    const madeVolume = await objects.create(volume("/one"));
    const madeClaim = await objects.create(bound);
    await eventually(async () =>
      mapAt((await objects.refresh(madeVolume)).outputs, "status")["phase"] === "Bound" ? true : undefined,
    );
    const run = await newRun();
    expect(await run.differences(await run.refresh(madeVolume), volume("/two"))).toEqual([
      "replace update spec.hostPath.path",
    ]);
    expect(run.warnings.join()).toMatch(
      /to be replaced.*used is used by PersistentVolumeClaim plans\/used.*delete the claim/s,
    );
    expect(await reason(objects.delete(madeVolume, 1))).toMatch(/PersistentVolume used was not deleted.*plans\/used/s);
    expect(mapAt((await objects.refresh(madeVolume)).outputs, "metadata")).not.toHaveProperty("deletionTimestamp");
    // The claim, too, is kept as long as a Pod uses it.
    const user = await objects.create(
      pod("user", {}, { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "used" } }] }),
    );
    expect(await reason(objects.delete(madeClaim, 1))).toMatch(/used by Pod plans\/user/);
    await objects.delete(user);
    await objects.delete(madeClaim, 60);
    await objects.delete(madeVolume, 60);
  });
});
