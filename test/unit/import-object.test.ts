import { refuseHeldObjects, settleImport } from "../../sandbox/engine/import-object";
import { adviceFor, type StoredStack } from "../../sandbox/engine/stored-objects";

const urn = (name: string, parents = "") =>
  `urn:pulumi:dev::platform::${parents}kubernetes:core/v1:PersistentVolumeClaim::${name}`;
const type = "kubernetes:core/v1:PersistentVolumeClaim";
const metadata = { name: "data", namespace: "shop", labels: { app: "shop" } };
const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const chosen = { volumeName: "pv-1", volumeMode: "Filesystem", storageClassName: "standard" };
const live = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: {
    ...metadata,
    annotations: { "pv.kubernetes.io/bind-completed": "yes" },
    finalizers: ["kubernetes.io/pvc-protection"],
  },
  spec: { ...spec, ...chosen },
};

function imported(managers: string[] = []): StoredStack {
  const managedFields = managers.map((manager) => ({ manager, operation: "Apply" }));
  const outputs = {
    ...live,
    metadata: { ...live.metadata, managedFields },
    __inputs: live,
    __fieldManager: "new",
    __imported: true,
  };
  return { deployment: { resources: [{ urn: urn("shop-data"), type, id: "shop/data", inputs: live, outputs }] } };
}

const object = { type, name: "shop-data", id: "shop/data" };
/** What the program says, as the arguments of the resource have it. */
const shape = {
  apiVersion: null,
  kind: null,
  metadata: { name: null, labels: { app: null } },
  spec: { accessModes: [null], resources: null },
};

function settle(stack: StoredStack, said: object = shape) {
  const shapes = new Map([[`${type}::shop-data`, said as never]]);
  return settleImport(stack, [object], shapes).deployment?.resources?.[0];
}

test("of an imported object the state keeps as inputs what the program speaks about, with the live values", () => {
  const inputs = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec };
  expect(settle(imported())).toMatchObject({
    inputs,
    outputs: { spec: live.spec, __inputs: inputs, __fieldManager: "new" },
  });
  expect(settle(imported())?.inputs).toEqual(inputs);
  expect(settle(imported())?.outputs).not.toHaveProperty("__imported");
});

test("the fields stay with the owner that an earlier stack has applied them as", () => {
  expect(settle(imported(["pulumi-kubernetes-12345678", "kubectl"]))?.outputs).toMatchObject({
    __fieldManager: "pulumi-kubernetes-12345678",
  });
});

test("an encrypted value is kept as a whole", () => {
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
  const stack = {
    deployment: {
      resources: [{ urn: urn("shop-data"), type, id: "shop/data", inputs: { ...live, data: secret }, outputs: {} }],
    },
  };
  expect(settle(stack, { stringData: { password: null } })?.inputs).toMatchObject({ data: secret });
});

test("a generated name stays the resource's", () => {
  const annotations = { "pulumi.com/autonamed": "true", other: "1" };
  const named = { ...live, metadata: { ...metadata, annotations } };
  const stack = {
    deployment: { resources: [{ urn: urn("shop-data"), type, id: "shop/data", inputs: named, outputs: {} }] },
  };
  expect(settle(stack, { metadata: {} })?.inputs).toMatchObject({
    metadata: { name: "data", namespace: "shop", annotations: { "pulumi.com/autonamed": "true" } },
  });
});

describe("an object that the state holds under another name", () => {
  const held = (parents = ""): StoredStack => ({
    deployment: { resources: [{ urn: urn("former", parents), type, id: "shop/data" }] },
  });
  const failed = {
    urn: urn("now"),
    label: "PersistentVolumeClaim shop/data",
    messages: ['persistentvolumeclaims "data" already exists'],
  };

  test("is not imported, because the engine would delete it with that name", () => {
    expect(() => refuseHeldObjects(held(), [object])).toThrow(
      /holds the object as "former"[\s\S]*aliases:[\s\S]*Do not import/,
    );
    expect(() => refuseHeldObjects(imported(), [object])).not.toThrow();
  });

  test("makes a failed creation give the exact alias", () => {
    expect(adviceFor([failed], held()).get(failed.urn)).toContain('aliases: [{ name: "former" }]');
    const moved = `aliases: ["${urn("former", "platform:data:Shop$")}"]`;
    expect(adviceFor([failed], held("platform:data:Shop$")).get(failed.urn)).toContain(moved);
  });

  test("is found under another version of its kind", () => {
    const stack = {
      deployment: { resources: [{ urn: urn("former"), type: type.replace("v1", "v1beta1"), id: "shop/data" }] },
    };
    expect(adviceFor([failed], stack).size).toBe(1);
  });

  test("gives no advice about other failures and other objects", () => {
    expect(adviceFor([{ ...failed, messages: ["quota exceeded"] }], held()).size).toBe(0);
    expect(adviceFor([{ ...failed, label: "PersistentVolumeClaim shop/other" }], held()).size).toBe(0);
  });
});
