import { profileNames } from "../../components/kpaas/profiles";
import type { Manifest } from "../../stacks/render";
import { podSpecOf } from "../support/pod-spec";
import { renderSettings } from "../support/render-settings";
import { renderWholePlatform } from "../support/whole-platform";

test("the mirror and the pull secrets of a stack reach every pod whose image nobody pushes", async () => {
  const manifests = await renderSettings({
    images: { registry: "mirror.example.org/all", pullSecrets: ["mirror-login"] },
    harbor: { exposure: { type: "nodePort" }, projects: { kubekloud: {} } },
    nfs: { provisioner: { enabled: true } },
  });
  const pods = manifests.flatMap((each) => podSpecOf(each) ?? []);
  expect(pods.length).toBeGreaterThan(10);
  for (const pod of pods) {
    expect(pod.imagePullSecrets).toContainEqual({ name: "mirror-login" });
    for (const { image } of [...(pod.initContainers ?? []), ...pod.containers]) {
      expect(image).toMatch(/^mirror\.example\.org\/all\//);
    }
  }
});

describe.each(profileNames)("with everything that there is, and K-PaaS %s,", (profile) => {
  let manifests: Manifest[];

  beforeAll(async () => {
    manifests = await renderWholePlatform(profile, {
      // No image asks for this policy by itself.
      images: { pullPolicy: "Never", pullSecrets: ["site-login"] },
      cluster: {
        context: "test",
        domain: "cluster.example",
        ingress: {
          className: "other-class",
          controllerNamespace: "other-controller",
          controllerPodLabels: { app: "other-controller" },
        },
        dns: { namespace: "other-dns", podLabels: { app: "other-dns" } },
      },
      nfs: { provisioner: { enabled: true }, storageClass: "other-nfs" },
      kpaas: { storageClass: "kpaas-class" },
    });
  });

  test("every pod is pulled as the stack says", () => {
    const workloads = manifests.filter((each) => podSpecOf(each) !== undefined);
    expect(workloads.length).toBeGreaterThan(50);
    const others = workloads.flatMap((each) => {
      const { initContainers = [], containers = [], imagePullSecrets = [] } = podSpecOf(each) ?? {};
      const where = `${each.kind} ${each.metadata.namespace}/${each.metadata.name}`;
      return [
        ...[...initContainers, ...containers]
          .filter(({ imagePullPolicy }) => imagePullPolicy !== "Never")
          .map(({ name }) => `${where}: pull policy of ${name}`),
        ...(imagePullSecrets.some(({ name }) => name === "site-login") ? [] : [`${where}: pull secrets`]),
      ];
    });
    expect(others).toEqual([]);
  });

  test("nothing has the default of a setting that says what the cluster is like", () => {
    const defaults = [/cluster\.local/, /"ingressClassName":"nginx"/, /"ingress-nginx"/, /kube-dns/, /"nfs-client"/];
    const found = manifests.flatMap((manifest) =>
      defaults
        .filter((each) => each.test(JSON.stringify(manifest)))
        .map((each) => `${manifest.kind} ${manifest.metadata.namespace}/${manifest.metadata.name}: ${each.source}`),
    );
    expect(found).toEqual([]);
  });

  test("every claim of K-PaaS and its services has the storage class of K-PaaS", () => {
    const namespaces = /^(cp-|mariadb|vault|chartmuseum)/;
    const classes = manifests.filter(({ metadata }) => namespaces.test(metadata.namespace ?? "")).flatMap(classesOf);
    expect(classes.length).toBeGreaterThan(5);
    expect(new Set(classes)).toEqual(new Set(["kpaas-class"]));
  });
});

/** Storage classes of a claim, or of a StatefulSet's templates of claims. */
function classesOf({ kind, spec }: Manifest): unknown[] {
  type ClaimSpec = { readonly storageClassName?: string };
  if (kind === "PersistentVolumeClaim") {
    return [(spec as ClaimSpec).storageClassName];
  }
  const { volumeClaimTemplates = [] } = (spec ?? {}) as { volumeClaimTemplates?: readonly { spec: ClaimSpec }[] };
  return volumeClaimTemplates.map((each) => each.spec.storageClassName);
}
