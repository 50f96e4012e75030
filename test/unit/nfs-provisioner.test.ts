import { find, renderSettings } from "../support/render-settings";

jest.spyOn(console, "warn").mockImplementation(() => undefined); // the warning about OpenChecker's classic generation

const render = (provisioner: Readonly<Record<string, unknown>> = {}) =>
  renderSettings({ nfs: { path: "/exports", provisioner: { enabled: true, ...provisioner } } });

test("is installed only on request", async () => {
  const kinds = (await renderSettings({})).map((each) => each.kind);
  expect(kinds).not.toContain("StorageClass");
});

test("serves the class that the seed names, with upstream's provisioner name", async () => {
  const manifests = await render();
  const storageClass = find(manifests, "StorageClass", "nfs-client");
  expect(storageClass).toMatchObject({
    metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "false" } },
    parameters: { archiveOnDelete: "false" },
    reclaimPolicy: "Delete",
  });
  expect(container(manifests).env).toContainEqual({ name: "PROVISIONER_NAME", value: storageClass["provisioner"] });
});

test("can be the default class and keep the files of deleted claims", async () => {
  const manifests = await render({ default: true, archiveOnDelete: true, reclaimPolicy: "Retain" });
  expect(find(manifests, "StorageClass", "nfs-client")).toMatchObject({
    metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    parameters: { archiveOnDelete: "true" },
    reclaimPolicy: "Retain",
  });
});

test("mounts the export that it tells the volumes about, as a claim and not as root", async () => {
  const manifests = await render();
  const { spec } = deployment(manifests).spec.template;
  expect(spec.volumes).toEqual([{ name: "nfs-client-root", persistentVolumeClaim: { claimName: "nfs-client-root" } }]);
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65534 });
  expect(find(manifests, "PersistentVolume", "nfs-provisioner-nfs-client-root")).toMatchObject({
    spec: {
      storageClassName: "",
      nfs: { path: "/exports" },
      claimRef: { namespace: "nfs-provisioner", name: "nfs-client-root" },
    },
  });
  expect(container(manifests).env).toContainEqual({ name: "NFS_PATH", value: "/exports" });
});

test("may watch claims and make volumes, and read no Secret", async () => {
  const manifests = await render();
  const rules = manifests
    .filter((each) => each.kind === "ClusterRole" || each.kind === "Role")
    .flatMap((each) => each["rules"] as { resources: string[]; verbs: string[] }[]);
  const resources = rules.flatMap((rule) => rule.resources);
  expect(resources).toEqual(expect.arrayContaining(["persistentvolumes", "persistentvolumeclaims"]));
  expect(resources).not.toContain("secrets");
  expect(rules.flatMap((rule) => rule.verbs)).not.toContain("*");
});

test("its bindings name the account that it runs as", async () => {
  const manifests = await render();
  const subjects = manifests.filter((each) => each.kind.endsWith("RoleBinding")).map((each) => each["subjects"]);
  const account = { kind: "ServiceAccount", name: "nfs-client-provisioner", namespace: "nfs-provisioner" };
  expect(subjects).toEqual([[account], [account]]);
  expect(deployment(manifests).spec.template.spec.serviceAccountName).toBe(account.name);
});

interface DeploymentManifest {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly securityContext: object;
        readonly volumes: readonly object[];
        readonly containers: readonly [{ readonly env: readonly object[] }];
      };
    };
  };
}

function deployment(manifests: Awaited<ReturnType<typeof render>>) {
  return find(manifests, "Deployment", "nfs-client-provisioner") as unknown as DeploymentManifest;
}

function container(manifests: Awaited<ReturnType<typeof render>>) {
  return deployment(manifests).spec.template.spec.containers[0];
}
