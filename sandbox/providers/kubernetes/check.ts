import { createHash } from "node:crypto";
import { formatPath } from "../protocol/property-path";
import { isMap, isUnknown, mapAt, type PropertyMap, reveal, stringAt, valueAt } from "../protocol/property-values";
import type { CheckFailure, CheckRequest, CheckResult } from "../protocol/resource-provider";
import { annotations, isAnnotated } from "./annotations";
import { markSecrets } from "./checkpoint";
import type { Discovery, ResourceMapping } from "./discovery";
import { normalizeInputs, withDashes, withUnderscores } from "./inputs";
import { annotationOf, kindOfType, nameOf } from "./kinds";
import { duplicates } from "./object-schema";

/** Waiting for conditions that the program names. Ignoring it would let later resources start too early. */
const unsupportedAnnotation = "pulumi.com/waitFor";

/** What a checked object needs to know of its cluster. */
export interface CheckContext {
  /** Undefined when the cluster cannot be reached. */
  readonly discovery: Discovery | undefined;
  /** Namespace of objects that name none. */
  readonly namespace: string;
}

/** Completes the inputs of a resource (name, namespace) and refuses what cannot become an object. */
export async function checkInputs(request: CheckRequest, context: CheckContext): Promise<CheckResult> {
  const gvk = kindOfType(request.type);
  const mapping = await context.discovery?.known(gvk);
  const plain = withoutServerFields(normalizeInputs(withDashes(reveal(request.newInputs))), mapping);
  const failures = [...kindFailures(plain), ...annotationFailures(plain), ...duplicateFailures(plain)];
  const naming = nameObject(plain, request);
  failures.push(...naming.failures);
  let object = naming.object;
  if (!isUnknown(object["metadata"]) && valueAt(object, "metadata", "namespace") === undefined) {
    // A kind that the cluster does not know yet is a custom resource, and most of those have a namespace.
    const found = mapping ?? (await context.discovery?.find(gvk));
    if (found?.namespaced ?? true) object = withMetadata(object, { namespace: context.namespace });
  }
  const inputs = markSecrets(withUnderscores(object), markedInputs(request.newInputs));
  return { inputs, failures };
}

/** Without what the server drops: a namespace of an object that has none, and a status that only controllers write. */
function withoutServerFields(object: PropertyMap, mapping: ResourceMapping | undefined): PropertyMap {
  if (mapping === undefined) return object;
  const { status, ...others } = object;
  const kept = mapping.hasStatus || status === undefined ? others : object;
  if (mapping.namespaced || valueAt(kept, "metadata", "namespace") === undefined) return kept;
  const { namespace: _, ...metadata } = mapAt(kept, "metadata");
  return { ...kept, metadata };
}

/** The server takes such a list when it creates an object, and refuses every later change of it. */
function duplicateFailures(object: PropertyMap): CheckFailure[] {
  return duplicates(object).map(({ path, identity, first }) => ({
    property: formatPath(path),
    reason:
      `${formatPath(path)} and ${formatPath(first)} are the same (${identity}). Kubernetes would use one of the two and ` +
      "refuse later changes: remove one.",
  }));
}

/** Secret marks of `stringData` are not needed: the content of a Secret becomes secret as a whole. */
function markedInputs({ stringData: _, ...inputs }: PropertyMap): PropertyMap {
  return inputs;
}

function kindFailures(object: PropertyMap): CheckFailure[] {
  return ["apiVersion", "kind"]
    .filter((property) => stringAt(object, property) === undefined)
    .map((property) => ({
      property,
      reason: `A Kubernetes object needs ${property}, e.g. "${property === "kind" ? "Deployment" : "apps/v1"}".`,
    }));
}

function annotationFailures(object: PropertyMap): CheckFailure[] {
  if (annotationOf(object, unsupportedAnnotation) === undefined) return [];
  const reason =
    `The builtin kubernetes provider does not know the annotation ${unsupportedAnnotation}. Remove it, or run with the ` +
    "official provider.";
  return [{ property: "metadata.annotations", reason }];
}

interface Naming {
  readonly object: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

function nameObject(object: PropertyMap, request: CheckRequest): Naming {
  const name = valueAt(object, "metadata", "name");
  if (isUnknown(name) || isUnknown(object["metadata"])) return { object, failures: [] };
  if (typeof name === "string" && name !== "") return { object, failures: nameFailures(name, object) };
  if (valueAt(object, "metadata", "generateName") !== undefined) {
    const reason = "Server-side apply does not support generateName. Remove it; the provider then makes a unique name.";
    return { object, failures: [{ property: "metadata.generateName", reason }] };
  }
  const old = reveal(request.oldInputs);
  if (isAnnotated(old, "autonamed") && nameOf(old) !== "") return autonamed(object, nameOf(old));
  if (request.autonaming?.disabled) {
    const reason = "Automatic naming is switched off (pulumi:autonaming). Set metadata.name.";
    return { object, failures: [{ property: "metadata.name", reason }] };
  }
  return autonamed(object, request.autonaming?.proposedName || uniqueName(request.name, request.randomSeed));
}

function autonamed(object: PropertyMap, name: string): Naming {
  const marked = { ...mapAt(object, "metadata", "annotations"), [annotations.autonamed]: "true" };
  return { object: withMetadata(object, { name, annotations: marked }), failures: nameFailures(name, object) };
}

/** `<logical name>-<8 hexadecimal digits>`; the same seed gives the same name. */
export function uniqueName(logicalName: string, seed: Uint8Array): string {
  return `${logicalName}-${createHash("sha256").update(seed).digest("hex").slice(0, 8)}`;
}

/** RBAC names are path segments (`system:node`); names of everything else are DNS subdomains. */
function nameFailures(name: string, object: PropertyMap): CheckFailure[] {
  const isRbac = (stringAt(object, "apiVersion") ?? "").startsWith("rbac.authorization.k8s.io/");
  const valid = isRbac
    ? !/[/%]/.test(name) && name !== "." && name !== ".."
    : name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
  if (valid) return [];
  const rule = isRbac
    ? "a name without slashes and percent signs"
    : "at most 253 lower-case letters, digits, dashes and dots that begin and end with a letter or digit";
  return [{ property: "metadata.name", reason: `"${name}" is not a valid name: Kubernetes allows ${rule}.` }];
}

function withMetadata(object: PropertyMap, additions: PropertyMap): PropertyMap {
  const metadata = object["metadata"];
  return { ...object, metadata: { ...(isMap(metadata) ? metadata : {}), ...additions } };
}
