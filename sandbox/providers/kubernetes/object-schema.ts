import type { PropertyPath } from "../protocol/property-path";
import { containsUnknown, isMap, type PropertyMap, type PropertyValue } from "../protocol/property-values";
import { kindOf } from "./kinds";

/**
 * What the API server's schema says of a field beyond its type, as far as it matters for comparing objects. A test
 * holds it against the schema that the server publishes.
 */
export interface FieldSchema {
  /** Fields of an object. */
  readonly fields?: Readonly<Record<string, FieldSchema>>;
  /** Every element of a list, and every value of a map. */
  readonly each?: FieldSchema;
  /** Fields that tell the elements of a list apart: several writers share such a list, and each owns elements. */
  readonly keys?: readonly string[];
  /** A list of different values that several writers share. */
  readonly isSet?: boolean;
  /** An amount, which the server writes in a notation of its own: `0.5` becomes `500m`. */
  readonly isQuantity?: boolean;
}

/** Nothing is known: lists are compared by position, values as they stand. */
const unknown: FieldSchema = {};

const quantity: FieldSchema = { isQuantity: true };
const set: FieldSchema = { isSet: true };
const quantities: FieldSchema = { each: quantity };

function object(fields: Readonly<Record<string, FieldSchema>>): FieldSchema {
  return { fields };
}

function list(each: FieldSchema): FieldSchema {
  return { each };
}

function keyed(keys: string, each: FieldSchema = unknown): FieldSchema {
  return { keys: keys.split(" "), each };
}

const metadata = object({ finalizers: set, ownerReferences: keyed("uid") });
const resources = object({ limits: quantities, requests: quantities, claims: keyed("name") });
const resourceField = object({ resourceFieldRef: object({ divisor: quantity }) });
const claimSpec = object({ resources });
const claimTemplate = object({ metadata, spec: claimSpec });
const downwardApi = object({ items: list(resourceField) });

const container = object({
  env: keyed("name", object({ valueFrom: resourceField })),
  ports: keyed("containerPort protocol"),
  resources,
  restartPolicyRules: list(object({ exitCodes: object({ values: set }) })),
  volumeDevices: keyed("devicePath"),
  volumeMounts: keyed("mountPath"),
});

const volume = object({
  downwardAPI: downwardApi,
  emptyDir: object({ sizeLimit: quantity }),
  ephemeral: object({ volumeClaimTemplate: claimTemplate }),
  projected: object({ sources: list(object({ downwardAPI: downwardApi })) }),
});

const podSpec = object({
  containers: keyed("name", container),
  ephemeralContainers: keyed("name", container),
  hostAliases: keyed("ip"),
  imagePullSecrets: keyed("name"),
  initContainers: keyed("name", container),
  overhead: quantities,
  resourceClaims: keyed("name"),
  resources,
  schedulingGates: keyed("name"),
  topologySpreadConstraints: keyed("topologyKey whenUnsatisfiable"),
  volumes: keyed("name", volume),
});

const podTemplate = object({ metadata, spec: podSpec });
const workload = object({ metadata, spec: object({ template: podTemplate }) });
const jobSpec = object({
  template: podTemplate,
  podFailurePolicy: object({ rules: list(object({ onExitCodes: object({ values: set }) })) }),
});

const metricTarget = object({ target: object({ averageValue: quantity, value: quantity }) });
const scalingRules = object({ tolerance: quantity });
const webhooks = object({ metadata, webhooks: keyed("name", object({ matchConditions: keyed("name") })) });

/** By group and kind; of any other kind only the metadata is known. */
const kinds: Readonly<Record<string, FieldSchema>> = {
  "admissionregistration.k8s.io/MutatingAdmissionPolicy": object({
    metadata,
    spec: object({ matchConditions: keyed("name") }),
  }),
  "/LimitRange": object({
    metadata,
    spec: object({
      limits: list(
        object({
          default: quantities,
          defaultRequest: quantities,
          max: quantities,
          maxLimitRequestRatio: quantities,
          min: quantities,
        }),
      ),
    }),
  }),
  "/PersistentVolume": object({ metadata, spec: object({ capacity: quantities }) }),
  "/PersistentVolumeClaim": object({ metadata, spec: claimSpec }),
  "/Pod": object({ metadata, spec: podSpec }),
  "/PodTemplate": object({ metadata, template: podTemplate }),
  "/ReplicationController": workload,
  "/ResourceQuota": object({ metadata, spec: object({ hard: quantities }) }),
  "/Service": object({ metadata, spec: object({ ports: keyed("port protocol") }) }),
  "/ServiceAccount": object({ metadata, secrets: keyed("name") }),
  "admissionregistration.k8s.io/MutatingWebhookConfiguration": webhooks,
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": object({
    metadata,
    spec: object({ matchConditions: keyed("name"), variables: keyed("name") }),
  }),
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": object({
    metadata,
    spec: object({ validationActions: set }),
  }),
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration": webhooks,
  "apps/DaemonSet": workload,
  "apps/Deployment": workload,
  "apps/ReplicaSet": workload,
  "apps/StatefulSet": object({
    metadata,
    spec: object({ template: podTemplate, volumeClaimTemplates: list(claimTemplate) }),
  }),
  "autoscaling/HorizontalPodAutoscaler": object({
    metadata,
    spec: object({
      behavior: object({ scaleDown: scalingRules, scaleUp: scalingRules }),
      metrics: list(
        object({
          containerResource: metricTarget,
          external: metricTarget,
          object: metricTarget,
          pods: metricTarget,
          resource: metricTarget,
        }),
      ),
    }),
  }),
  "batch/CronJob": object({ metadata, spec: object({ jobTemplate: object({ metadata, spec: jobSpec }) }) }),
  "batch/Job": object({ metadata, spec: jobSpec }),
  "discovery.k8s.io/EndpointSlice": object({ metadata, endpoints: list(object({ addresses: set })) }),
  "flowcontrol.apiserver.k8s.io/FlowSchema": object({
    metadata,
    spec: object({
      rules: list(
        object({
          nonResourceRules: list(object({ nonResourceURLs: set, verbs: set })),
          resourceRules: list(object({ apiGroups: set, namespaces: set, resources: set, verbs: set })),
        }),
      ),
    }),
  }),
  "node.k8s.io/RuntimeClass": object({ metadata, overhead: object({ podFixed: quantities }) }),
  "storage.k8s.io/CSIDriver": object({ metadata, spec: object({ volumeLifecycleModes: set }) }),
  "storage.k8s.io/CSIStorageCapacity": object({ metadata, capacity: quantity, maximumVolumeSize: quantity }),
};

const anyKind = object({ metadata });

/** What is known of the fields of an object. */
export function schemaOf(subject: PropertyMap): FieldSchema {
  const { group, kind } = kindOf(subject);
  return kinds[`${group}/${kind}`] ?? anyKind;
}

/** What is known of a field of an object, or of an element of a list. */
export function inside(schema: FieldSchema, segment: string | number): FieldSchema {
  if (typeof segment === "string" && schema.fields && Object.hasOwn(schema.fields, segment)) {
    return schema.fields[segment] ?? unknown;
  }
  return schema.each ?? unknown;
}

/** The server fills in the only part of a key that may be left out. */
const keyDefaults: Readonly<Record<string, string>> = { protocol: "TCP" };

/** What tells an element of a shared list from the others; undefined when only its position does. */
export function identityOf(schema: FieldSchema, element: PropertyValue): string | undefined {
  if (schema.isSet) return JSON.stringify(element);
  if (!schema.keys || !isMap(element)) return undefined;
  const values = schema.keys.map((key) => element[key] ?? keyDefaults[key]);
  return values.includes(undefined) ? undefined : JSON.stringify(values);
}

/** Two elements of a shared list that mean the same. */
export interface Duplicate {
  readonly path: PropertyPath;
  readonly first: PropertyPath;
  /** What the two have in common, for people. */
  readonly identity: string;
}

/** Elements of shared lists, anywhere in an object, that an earlier element of the same list excludes. */
export function duplicates(subject: PropertyMap): Duplicate[] {
  return duplicatesIn(subject, schemaOf(subject), []);
}

function duplicatesIn(value: PropertyValue, schema: FieldSchema, path: PropertyPath): Duplicate[] {
  if (isMap(value)) {
    return Object.entries(value).flatMap(([key, inner]) => duplicatesIn(inner, inside(schema, key), [...path, key]));
  }
  if (!Array.isArray(value)) return [];
  const positions = new Map<string, number>();
  return value.flatMap((element, index) => {
    const within = duplicatesIn(element, inside(schema, index), [...path, index]);
    const identity = identityOf(schema, element);
    if (identity === undefined || containsUnknown(element)) return within;
    const first = positions.get(identity);
    if (first === undefined) {
      positions.set(identity, index);
      return within;
    }
    const shared = isMap(element)
      ? (schema.keys ?? []).map((key) => `${key} ${element[key] ?? keyDefaults[key]}`)
      : [identity];
    return [...within, { path: [...path, index], first: [...path, first], identity: shared.join(", ") }];
  });
}
