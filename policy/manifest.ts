import type { PodTemplate } from "./pod";

/**
 * The parts of a Kubernetes object that the rules look at. Everything besides the type and the name
 * is optional, because a rule must say something sensible about an incomplete object, too.
 */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  /** Fields outside `metadata`; the helpers of this file and of `pod.ts` give them types. */
  readonly [field: string]: unknown;
}

/** `metadata` of any object. */
export interface Metadata {
  /** Absent while the engine has not chosen a name yet. */
  readonly name?: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the renderer writes in the place of a secret value. */
export const REDACTED = "[secret]";

/** A JSON object of unknown shape. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as a JSON object, `{}` if it is something else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The value as an array without its empty entries, `[]` if it is something else. */
export function listOf<Item = Fields>(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value.filter((item) => item !== null && item !== undefined) : [];
}

/** The value if it is a string, else `undefined`. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `spec` of the object, `{}` if it has none. */
export function specOf(manifest: Manifest): Fields {
  return fieldsOf(manifest["spec"]);
}

/** Namespace of the object; `default` is what the API server assumes. */
export function namespaceOf(manifest: Manifest): string {
  return manifest.metadata.namespace ?? "default";
}

/** API group of the object, `""` for the core group. */
export function groupOf(manifest: Pick<Manifest, "apiVersion">): string {
  const slash = manifest.apiVersion.indexOf("/");
  return slash < 0 ? "" : manifest.apiVersion.slice(0, slash);
}

/** `Kind namespace/name`, as findings and tables name an object. */
export function describeObject(manifest: Manifest): string {
  const { name = "(unnamed)", namespace } = manifest.metadata;
  return `${manifest.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** Whether the object is of one of the kinds. Kinds of the same name in other groups are rare enough to ignore. */
export function isKind(manifest: Manifest, ...kinds: readonly string[]): boolean {
  return kinds.includes(manifest.kind);
}

/** The objects in the namespace of `manifest`. @param kinds leaves out other kinds; none means all */
export function inSameNamespace(
  manifest: Manifest,
  all: readonly Manifest[],
  ...kinds: readonly string[]
): readonly Manifest[] {
  return all.filter(
    (other) => (kinds.length === 0 || isKind(other, ...kinds)) && namespaceOf(other) === namespaceOf(manifest),
  );
}

/** The pod template of a workload of any kind, a bare Pod included; `undefined` for everything else. */
export function podTemplateOf(manifest: Manifest): PodTemplate | undefined {
  const spec = specOf(manifest);
  switch (manifest.kind) {
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
    case "ReplicaSet":
    case "ReplicationController":
    case "Job":
      return fieldsOf(spec["template"]) as PodTemplate;
    case "CronJob":
      return fieldsOf(fieldsOf(fieldsOf(spec["jobTemplate"])["spec"])["template"]) as PodTemplate;
    case "Pod":
      return { metadata: manifest.metadata, spec } as PodTemplate;
    default:
      return undefined;
  }
}

const CLUSTER_SCOPED = new Set([
  "APIService",
  "CSIDriver",
  "CustomResourceDefinition",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

/** Whether objects of this kind live in a namespace. Custom kinds such as `ClusterIssuer` are taken as cluster-scoped by their name. */
export function isNamespaced(manifest: Manifest): boolean {
  return !CLUSTER_SCOPED.has(manifest.kind) && !/^Cluster[A-Z]/.test(manifest.kind);
}
