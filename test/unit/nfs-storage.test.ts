import fc from "fast-check";
import { nfsClaim, nfsVolume } from "../../components/storage/nfs-volume";
import { find, renderSettings } from "../support/render-settings";

jest.spyOn(console, "warn").mockImplementation(() => undefined); // the warning about OpenChecker's classic generation

test("OpenChecker's volume and claim are those of the seed", async () => {
  const manifests = await renderSettings({});
  const common = { accessModes: ["ReadWriteMany"], storageClassName: "nfs-client" };
  expect(find(manifests, "PersistentVolume", "openchecker-pv")).toMatchObject({
    spec: {
      ...common,
      capacity: { storage: "10Mi" },
      persistentVolumeReclaimPolicy: "Retain",
      nfs: { server: "192.168.0.110", path: "/nfs_provisioner_data/openchecker-data/config" },
    },
  });
  expect(find(manifests, "PersistentVolumeClaim", "openchecker-pvc")).toMatchObject({
    metadata: { namespace: "openchecker" },
    spec: { ...common, resources: { requests: { storage: "10Mi" } } },
  });
});

test("volume and claim are bound to each other, so that no provisioner of the class serves the claim", async () => {
  const manifests = await renderSettings({});
  const volume = find(manifests, "PersistentVolume", "openchecker-pv");
  const claim = find(manifests, "PersistentVolumeClaim", "openchecker-pvc");
  expect(claim).toMatchObject({ spec: { volumeName: volume.metadata.name } });
  // Without a uid: which claim it is, is known only when it exists.
  expect((volume["spec"] as { claimRef: unknown }).claimRef).toEqual({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    namespace: claim.metadata.namespace,
    name: claim.metadata.name,
  });
  expect(manifests.indexOf(volume)).toBeLessThan(manifests.indexOf(claim));
});

test("the volume has no namespace: volumes belong to the whole cluster", async () => {
  expect(find(await renderSettings({}), "PersistentVolume", "openchecker-pv").metadata).not.toHaveProperty("namespace");
});

test("server, path and mount options are the stack's", async () => {
  const manifests = await renderSettings({
    nfs: { server: "nfs.example.org", mountOptions: ["nfsvers=4.2"] },
    openchecker: { storage: { path: "/exports/openchecker" } },
  });
  expect(find(manifests, "PersistentVolume", "openchecker-pv")).toMatchObject({
    spec: { nfs: { server: "nfs.example.org", path: "/exports/openchecker" }, mountOptions: ["nfsvers=4.2"] },
  });
});

test("a claim always fits its volume: same size, class and access", () => {
  const facts = fc.record({
    server: fc.domain(),
    path: fc.constant("/exports"),
    size: fc.constantFrom("10Mi", "1Gi", "5G"),
    storageClass: fc.constantFrom("", "nfs-client"),
    mountOptions: fc.array(fc.constantFrom("hard", "nfsvers=4.1")),
    claim: fc.constant({ namespace: "namespace", name: "claim" }),
  });
  fc.assert(
    fc.property(facts, (each) => {
      const volume = nfsVolume(each);
      const claim = nfsClaim(each, "volume");
      expect(claim.storageClassName).toBe(volume.storageClassName);
      expect(claim.accessModes).toEqual(volume.accessModes);
      expect(claim.resources).toEqual({ requests: volume.capacity });
    }),
  );
});
