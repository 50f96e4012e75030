import { ValidatingWebhookConfiguration } from "@pulumi/kubernetes/admissionregistration/v1";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import { APIService } from "@pulumi/kubernetes/apiregistration/v1";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Namespace, PersistentVolumeClaim, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { testAuthority } from "../support/test-certificates";
import { ProviderTests } from "./providers-support";

/** What other programs write into the same objects stays, whatever the program changes. */
const tests = new ProviderTests();
const namespace = "conformance";

/** Stands for the certificate authority that an injector (cert-manager, a service mesh) sets, encoded. */
const AUTHORITY = "AUTHORITY";

interface Addition {
  /** For kubectl, e.g. `service/web`. */
  readonly object: string;
  readonly type: "merge" | "json" | "strategic";
  readonly patch: unknown;
  /** Where the addition is found afterwards, as JSONPath, and what is there. */
  readonly found: readonly (readonly [path: string, value: string])[];
}

const metadata = {
  annotations: { "others.test/note": "theirs" },
  labels: { "others.test/label": "theirs" },
  finalizers: ["others.test/hold"],
};
const inMetadata = [
  [".metadata.annotations.others\\.test/note", "theirs"],
  [".metadata.labels.others\\.test/label", "theirs"],
  [".metadata.finalizers[*]", "others.test/hold"],
] as const;

const additions: readonly Addition[] = [
  {
    object: "customresourcedefinition/gadgets.others.test",
    type: "merge",
    patch: {
      metadata: { ...metadata, finalizers: ["others.test/hold", "customresourcecleanup.apiextensions.k8s.io"] },
      spec: {
        conversion: {
          strategy: "Webhook",
          webhook: {
            conversionReviewVersions: ["v1"],
            clientConfig: { url: "https://conversion.test/convert", caBundle: AUTHORITY },
          },
        },
      },
    },
    found: [
      ...inMetadata.slice(0, 2),
      [".metadata.finalizers[0]", "others.test/hold"],
      [".spec.conversion.webhook.clientConfig.url", "https://conversion.test/convert"],
      [".spec.conversion.webhook.clientConfig.caBundle", AUTHORITY],
    ],
  },
  {
    object: "validatingwebhookconfiguration/others.test",
    type: "strategic",
    patch: { metadata, webhooks: [{ name: "check.others.test", clientConfig: { caBundle: AUTHORITY } }] },
    found: [...inMetadata, [".webhooks[0].clientConfig.caBundle", AUTHORITY]],
  },
  {
    object: "apiservice/v1.aggregated.test",
    type: "merge",
    patch: { metadata, spec: { caBundle: AUTHORITY } },
    found: [...inMetadata, [".spec.caBundle", AUTHORITY]],
  },
  {
    object: "serviceaccount/others",
    type: "merge",
    patch: { metadata, secrets: [{ name: "token" }], imagePullSecrets: [{ name: "registry" }] },
    found: [...inMetadata, [".secrets[0].name", "token"], [".imagePullSecrets[0].name", "registry"]],
  },
  {
    object: "deployment/others",
    type: "strategic",
    patch: {
      metadata,
      spec: { template: { spec: { containers: [{ name: "proxy", image: "registry.test/proxy:1" }] } } },
    },
    found: [...inMetadata, [".spec.template.spec.containers[?(@.name=='proxy')].image", "registry.test/proxy:1"]],
  },
  {
    object: "persistentvolumeclaim/others",
    type: "merge",
    patch: { metadata: { ...metadata, finalizers: ["kubernetes.io/pvc-protection", "others.test/hold"] } },
    found: [...inMetadata.slice(0, 2), [".metadata.finalizers[1]", "others.test/hold"]],
  },
  { object: "namespace/others", type: "merge", patch: { metadata }, found: inMetadata },
  {
    object: "secret/others",
    type: "merge",
    patch: { metadata, data: { theirs: "MQ==" } },
    found: [...inMetadata, [".data.theirs", "MQ=="]],
  },
];

/** Fields that the cluster has chosen for a load balancer; they must not be chosen anew. */
const CHOSEN = "{.spec.clusterIP} {.spec.healthCheckNodePort} {.spec.ports[*].nodePort} {.spec.ipFamilies[*]}";

/** @param revision an annotation of every object, so that a new one changes them all */
function program(revision: string) {
  return async () => {
    const options = tests.provider({ enableSecretMutable: true });
    const named = (name: string) => ({ name, namespace, annotations: { revision } });
    const clusterWide = (name: string) => ({ name, annotations: { revision } });
    const schema = { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } };
    new CustomResourceDefinition(
      "definition",
      {
        metadata: clusterWide("gadgets.others.test"),
        spec: {
          group: "others.test",
          scope: "Namespaced",
          names: { kind: "Gadget", plural: "gadgets", singular: "gadget" },
          versions: [{ name: "v1", served: true, storage: true, schema }],
        },
      },
      options,
    );
    new ValidatingWebhookConfiguration(
      "webhook",
      {
        metadata: clusterWide("others.test"),
        webhooks: [
          {
            name: "check.others.test",
            admissionReviewVersions: ["v1"],
            sideEffects: "None",
            clientConfig: { service: { name: "check", namespace } },
            rules: [
              { apiGroups: ["others.test"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothing"] },
            ],
          },
        ],
      },
      options,
    );
    new APIService(
      "api",
      {
        metadata: clusterWide("v1.aggregated.test"),
        spec: {
          group: "aggregated.test",
          version: "v1",
          groupPriorityMinimum: 100,
          versionPriority: 10,
          service: { name: "api", namespace },
        },
      },
      options,
    );
    new ServiceAccount("account", { metadata: named("others") }, options);
    const labels = { app: "others" };
    const container = { name: "main", image: "registry.test/app:1" };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const spec = { replicas: 0, selector: { matchLabels: labels }, template };
    new Deployment("deployment", { metadata: named("others"), spec }, options);
    const ports = [{ port: 80 }, { name: "tls", port: 443 }].map((port, index) => ({ name: `p${index}`, ...port }));
    const balancer = { type: "LoadBalancer", externalTrafficPolicy: "Local", ports };
    new Service("service", { metadata: named("others"), spec: balancer }, options);
    const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    new PersistentVolumeClaim("claim", { metadata: named("others"), spec: claim }, options);
    new Namespace("namespace", { metadata: clusterWide("others") }, options);
    new Secret("secret", { metadata: named("others"), stringData: { ours: revision } }, options);
  };
}

/** So that nothing hinders the end of the cluster. */
async function releaseAll(): Promise<void> {
  const release = JSON.stringify({ metadata: { finalizers: null } });
  for (const { object } of additions)
    await tests.kubectl("-n", namespace, "patch", object, "--type=merge", "-p", release);
}

test("an update changes what the program says, and nothing that others have written or the cluster has chosen", async () => {
  const stack = await tests.stack("others");
  expect(await stack.up(program("1"))).toMatchObject({ succeeded: true, messages: "" });
  const authority = Buffer.from((await testAuthority("injected")).certificate).toString("base64");
  const chosen = () => tests.kubectl("-n", namespace, "get", "service/others", "-o", `jsonpath=${CHOSEN}`);
  const before = await chosen();
  for (const { object, type, patch } of additions) {
    const content = JSON.stringify(patch).replaceAll(AUTHORITY, authority);
    const change = [`--type=${type}`, "--field-manager=others", "-p", content];
    await tests.kubectl("-n", namespace, "patch", object, ...change);
  }
  // The first update takes over from the creation, the second one only applies.
  for (const revision of ["2", "3"]) {
    await stack.refresh(program(revision));
    const { steps, succeeded, messages } = await stack.up(program(revision));
    expect({ succeeded, messages }).toEqual({ succeeded: true, messages: "" });
    expect(steps.map(({ op, name, paths }) => [op, name, paths])).toEqual(
      expect.arrayContaining([["update", "definition", ["metadata.annotations.revision"]]]),
    );
    expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["update"]));
    expect(steps).toHaveLength(9);
    for (const { object, found } of additions) {
      expect(await tests.liveField(object, ".metadata.annotations.revision")).toMatch(
        object.startsWith("secret") ? /./ : revision,
      );
      for (const [path, value] of found) {
        expect([object, path, await tests.liveField(object, path)]).toEqual([
          object,
          path,
          value.replace(AUTHORITY, authority),
        ]);
      }
    }
    expect(await chosen()).toBe(before);
  }
  expect((await stack.up(program("3"))).steps).toEqual([]);
  await releaseAll();
});
