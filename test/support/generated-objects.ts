import * as fc from "fast-check";
import type { PropertyMap, PropertyValue } from "../../sandbox/providers/protocol/property-values";

/** Objects as somebody might write them, with everything optional, empty and oddly written that the server accepts. */

/** Any text, with characters that JSON and YAML treat differently. */
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const oddText = fc.oneof(
  text,
  fc.constantFrom(
    "",
    "1000m",
    "0.5",
    "null",
    "true",
    "~",
    "line\nbreak\ttab",
    "\u0001\u007f\u0085\u009f\u2028\ufeff",
    "😀 #: - {",
  ),
);
const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const labels = fc.dictionary(label, label, { maxKeys: 3 });
const cpu = fc.constantFrom("0.5", "500m", "1", "1000m", "0.25", "2000m", 1, 0.1);
const memory = fc.constantFrom("1Gi", "1024Mi", "1048576Ki", "1073741824", "1e9", "0.5Gi", "129e6");
const port = fc.integer({ min: 1, max: 65_535 });

/** An object of which any of the optional fields may be missing. */
function some(required: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>> = {}) {
  return fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required) }) as fc.Arbitrary<PropertyMap>;
}

function list(each: fc.Arbitrary<unknown>, by?: string, maxLength = 3) {
  if (by === undefined) return fc.array(each, { maxLength });
  return fc.uniqueArray(each as fc.Arbitrary<PropertyMap>, {
    maxLength,
    selector: (element) => JSON.stringify(element[by]),
  });
}

const empty = fc.constant({});
const quantities = some({}, { cpu, memory });
const resources = fc.oneof(
  empty,
  quantities.map((requests) => ({ requests })),
  quantities.map((limits) => ({ limits, requests: limits })),
);

const variable = fc.oneof(
  some({ name: label }, { value: oddText }),
  some({ name: label, valueFrom: fc.constant({ fieldRef: { fieldPath: "metadata.name" } }) }),
  some({
    name: label,
    valueFrom: fc.constant({ resourceFieldRef: { containerName: "main", resource: "limits.cpu", divisor: "1" } }),
  }),
);

const probe = some(
  {
    httpGet: some(
      { path: fc.constant("/"), port: fc.oneof(port, fc.constant("http")) },
      { scheme: fc.constant("HTTP") },
    ),
  },
  { initialDelaySeconds: fc.nat(5), periodSeconds: fc.constant(10), failureThreshold: fc.constant(3) },
);

const container = some(
  { name: fc.constant("main"), image: fc.constant("registry.test/app:1") },
  {
    args: list(oddText.filter((each) => each !== "")),
    command: list(label),
    env: list(variable, "name"),
    envFrom: fc.constant([]),
    imagePullPolicy: fc.constantFrom("Always", "IfNotPresent"),
    livenessProbe: probe,
    ports: list(some({ containerPort: port }, { protocol: fc.constant("TCP") }), "containerPort"),
    resources,
    securityContext: some(
      {},
      { privileged: fc.constant(false), capabilities: fc.constant({ drop: ["ALL"], add: [] }) },
    ),
    stdin: fc.boolean(),
    workingDir: fc.constant(""),
    volumeMounts: fc.constant([{ name: "scratch", mountPath: "/tmp", readOnly: false }]),
  },
);

const podSpec = some(
  {
    containers: fc.tuple(container),
    volumes: fc.oneof(
      fc.constant([{ name: "scratch", emptyDir: {} }]),
      memory.map((sizeLimit) => [{ name: "scratch", emptyDir: { sizeLimit, medium: "" } }]),
      fc.constant([{ name: "scratch", configMap: { name: "absent", optional: true, items: [] } }]),
    ),
  },
  {
    affinity: empty,
    automountServiceAccountToken: fc.boolean(),
    enableServiceLinks: fc.boolean(),
    hostNetwork: fc.constant(false),
    imagePullSecrets: fc.constant([]),
    initContainers: fc.constant([]),
    nodeSelector: fc.constantFrom({}, { "kubernetes.io/os": "linux" }),
    priorityClassName: fc.constant(""),
    securityContext: some(
      {},
      { runAsUser: fc.constantFrom(0, 1000), runAsNonRoot: fc.constant(false), sysctls: fc.constant([]) },
    ),
    serviceAccountName: fc.constant("default"),
    terminationGracePeriodSeconds: fc.constantFrom(0, 30),
    tolerations: fc.constantFrom([], [{ operator: "Exists" }]),
  },
);

const selected = { app: "generated" };
const template = podSpec.map((spec) => ({ metadata: { labels: selected }, spec }));
const onceTemplate = podSpec.map((spec) => ({
  metadata: { labels: selected },
  spec: { ...spec, restartPolicy: "Never" },
}));
const selector = fc.constant({ matchLabels: selected });

const claimSpec = memory.map((storage) => ({ accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } }));

const peer = fc.oneof(
  fc.constantFrom<PropertyMap>(
    { podSelector: {} },
    { namespaceSelector: {} },
    { podSelector: {}, namespaceSelector: {} },
  ),
  fc.constant({ ipBlock: { cidr: "10.0.0.0/8", except: [] as string[] } }),
);
const policyPort = some({}, { port: fc.oneof(port, fc.constant("http")), protocol: fc.constantFrom("TCP", "UDP") });
const policyRule = fc.oneof(empty, some({}, { ports: list(policyPort) }));

interface Generated {
  readonly apiVersion: string;
  readonly kind: string;
  readonly body: fc.Arbitrary<PropertyMap>;
}

const kinds: readonly Generated[] = [
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    body: some({}, { data: fc.dictionary(fc.constantFrom("limits", "requests", "a.b"), oddText), binaryData: empty }),
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    body: some(
      {},
      {
        data: fc.dictionary(label, fc.base64String()),
        stringData: fc.dictionary(label, oddText),
        type: fc.constant("Opaque"),
      },
    ),
  },
  {
    apiVersion: "v1",
    kind: "Service",
    body: some({
      spec: some(
        {
          ports: list(
            some({ port }, { protocol: fc.constant("TCP"), targetPort: fc.oneof(port, fc.constant("http")) }),
            "port",
            1,
          ).filter(({ length }) => length > 0),
        },
        {
          selector: fc.constantFrom({}, selected),
          clusterIP: fc.constant("None"),
          sessionAffinity: fc.constant("None"),
          externalIPs: fc.constant([]),
          loadBalancerSourceRanges: fc.constant([]),
          publishNotReadyAddresses: fc.boolean(),
        },
      ),
    }),
  },
  {
    apiVersion: "v1",
    kind: "ServiceAccount",
    body: some(
      {},
      { automountServiceAccountToken: fc.boolean(), imagePullSecrets: fc.constant([]), secrets: fc.constant([]) },
    ),
  },
  { apiVersion: "v1", kind: "PersistentVolumeClaim", body: claimSpec.map((spec) => ({ spec })) },
  {
    apiVersion: "v1",
    kind: "ResourceQuota",
    body: some({
      spec: some({}, { hard: some({}, { "requests.cpu": cpu, pods: fc.constantFrom("10", 10), memory }) }),
    }),
  },
  {
    apiVersion: "v1",
    kind: "LimitRange",
    body: some({
      spec: some({
        limits: list(
          some({ type: fc.constant("Container") }, { max: some({}, { memory: fc.constant("4096Mi") }) }),
          undefined,
          1,
        ),
      }),
    }),
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    body: some({
      spec: some(
        { selector, template },
        {
          replicas: fc.constantFrom(0, 1),
          minReadySeconds: fc.constant(0),
          paused: fc.boolean(),
          revisionHistoryLimit: fc.constantFrom(0, 10),
          strategy: fc.constantFrom(
            {},
            { type: "Recreate" },
            { rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
          ),
        },
      ),
    }),
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    body: some({
      spec: some(
        { selector, template, serviceName: fc.constantFrom("generated", "") },
        {
          replicas: fc.constant(0),
          podManagementPolicy: fc.constant("Parallel"),
          updateStrategy: fc.constantFrom({}, { type: "OnDelete" }),
          volumeClaimTemplates: claimSpec.map((spec) => [{ metadata: { name: "data" }, spec }]),
        },
      ),
    }),
  },
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    body: some({ spec: some({ selector, template }, { updateStrategy: fc.constant({ type: "OnDelete" }) }) }),
  },
  {
    apiVersion: "batch/v1",
    kind: "Job",
    body: some({
      spec: some(
        { template: onceTemplate },
        {
          backoffLimit: fc.constantFrom(0, 6),
          suspend: fc.constant(true),
          ttlSecondsAfterFinished: fc.constant(86_400),
          parallelism: fc.constant(1),
        },
      ),
    }),
  },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    body: some({
      spec: some(
        { schedule: fc.constant("0 3 * * *"), jobTemplate: onceTemplate.map((each) => ({ spec: { template: each } })) },
        { suspend: fc.boolean(), successfulJobsHistoryLimit: fc.constantFrom(0, 3), timeZone: fc.constant("Etc/UTC") },
      ),
    }),
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    body: some({
      spec: some(
        { podSelector: fc.constantFrom({}, { matchLabels: {} }, { matchLabels: selected, matchExpressions: [] }) },
        {
          ingress: list(policyRule.chain((rule) => list(peer).map((from) => ({ ...rule, from }) as PropertyValue))),
          egress: list(policyRule),
          policyTypes: fc.constant(["Ingress", "Egress"]),
        },
      ),
    }),
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    body: some({
      spec: some(
        {
          rules: fc.constantFrom<PropertyValue>(
            [
              {
                host: "a.test",
                http: {
                  paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "a", port: { number: 80 } } } }],
                },
              },
            ],
            [
              {
                host: "a.test",
                http: {
                  paths: [
                    { path: "/", pathType: "Exact", backend: { service: { name: "a", port: { name: "http" } } } },
                  ],
                },
              },
            ],
          ),
        },
        { tls: fc.constantFrom([], [{ hosts: [], secretName: "a" }]), ingressClassName: fc.constant("any") },
      ),
    }),
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    body: some(
      {},
      {
        rules: list(
          some(
            { verbs: fc.constant(["get"]), resources: fc.constant(["pods"]), apiGroups: fc.constant([""]) },
            { resourceNames: fc.constant([]) },
          ),
        ),
      },
    ).map((role) => ({ rules: [], ...role })),
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    body: some(
      { roleRef: fc.constant({ apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "any" }) },
      {
        subjects: fc.constantFrom<PropertyValue>(
          [],
          [{ kind: "ServiceAccount", name: "default" }],
          [{ kind: "Group", name: "a:b", apiGroup: "" }],
        ),
      },
    ),
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    body: some({
      spec: some(
        { selector: fc.constantFrom({}, { matchLabels: selected }) },
        { maxUnavailable: fc.constantFrom(0, 1, "50%"), unhealthyPodEvictionPolicy: fc.constant("AlwaysAllow") },
      ),
    }),
  },
  {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    body: some({
      spec: some(
        {
          maxReplicas: fc.constant(3),
          scaleTargetRef: fc.constant({ apiVersion: "apps/v1", kind: "Deployment", name: "any" }),
        },
        {
          minReplicas: fc.constant(1),
          behavior: fc.constantFrom({}, { scaleDown: { stabilizationWindowSeconds: 0 } }),
          metrics: cpu.map((averageValue) => [
            { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue } } },
          ]),
        },
      ),
    }),
  },
];

/** The same objects in every run: `each` of every kind. */
export function generatedObjects(namespace: string, each: number): PropertyMap[] {
  return kinds.flatMap(({ apiVersion, kind, body }, index) =>
    fc
      .sample(
        fc.tuple(
          body,
          some({}, { labels, annotations: fc.dictionary(label, oddText, { maxKeys: 2 }), finalizers: fc.constant([]) }),
        ),
        { seed: 20_260 + index, numRuns: each },
      )
      .map(([content, metadata], number) => ({
        apiVersion,
        kind,
        metadata: { ...metadata, name: `${kind.toLowerCase()}-${number}`, namespace },
        ...content,
      })),
  );
}
