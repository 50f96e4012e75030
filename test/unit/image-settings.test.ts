import { podSpecOf } from "../support/pod-spec";
import { renderSettings } from "../support/render-settings";

test("mirror, pull policy and pull secrets of a stack reach every pod of the platform", async () => {
  const manifests = await renderSettings({
    images: { registry: "mirror.example.org/all", pullPolicy: "IfNotPresent", pullSecrets: ["mirror-login"] },
    harbor: { exposure: { type: "nodePort" }, projects: { kubekloud: {} } },
    nfs: { provisioner: { enabled: true } },
  });
  const pods = manifests.flatMap((each) => podSpecOf(each) ?? []);
  expect(pods.length).toBeGreaterThan(10);
  for (const pod of pods) {
    expect(pod.imagePullSecrets).toContainEqual({ name: "mirror-login" });
    for (const { image, imagePullPolicy } of [...(pod.initContainers ?? []), ...pod.containers]) {
      expect(image).toMatch(/^mirror\.example\.org\/all\//);
      expect(imagePullPolicy).toBe("IfNotPresent");
    }
  }
});
