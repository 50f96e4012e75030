import {
  containsUnknown,
  isMap,
  mapAt,
  mapValues,
  type PropertyMap,
  type PropertyValue,
} from "../protocol/property-values";
import { isKind, kindOf } from "./kinds";

/** Fields that only the server sets. */
const readOnlyMetadata: ReadonlySet<string> = new Set([
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
]);

/**
 * Brings inputs into the form that the server stores, so that two ways to write the same object give no difference:
 * without read-only fields and nulls, and Secrets with `data` only.
 */
export function normalizeInputs(object: PropertyMap): PropertyMap {
  const metadata = Object.entries(mapAt(object, "metadata")).filter(([key]) => !readOnlyMetadata.has(key));
  const normalized = isMap(object["metadata"]) ? { ...object, metadata: Object.fromEntries(metadata) } : object;
  if (containsUnknown(normalized)) return normalized;
  if (isKind(normalized, "", "Secret")) return normalizeSecret(normalized);
  if (isKind(normalized, "apiextensions.k8s.io", "CustomResourceDefinition")) return normalizeDefinition(normalized);
  return isBuiltinKind(normalized) ? withoutNulls(normalized) : normalized;
}

/** A custom resource may give null a meaning of its own; kinds of Kubernetes itself treat it as absent. */
function isBuiltinKind(object: PropertyMap): boolean {
  const { group } = kindOf(object);
  return !group.includes(".") || group.endsWith(".k8s.io");
}

function withoutNulls(map: PropertyMap): PropertyMap {
  const present = Object.entries(map).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([key, value]) => [key, nullsRemoved(value)]));
}

function nullsRemoved(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(nullsRemoved);
  return isMap(value) ? withoutNulls(value) : value;
}

function normalizeSecret({ stringData, ...secret }: PropertyMap): PropertyMap {
  const encoded = isMap(stringData) ? mapValues(stringData, (value) => base64(String(value))) : {};
  const data = mapValues(mapAt(secret, "data"), (value) =>
    typeof value === "string" ? canonicalBase64(value) : value,
  );
  const hasData = Object.keys(encoded).length > 0 || isMap(secret["data"]);
  // What is in `stringData` wins, as on the server.
  return withoutNulls(hasData ? { ...secret, data: { ...data, ...encoded } } : secret);
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** The server decodes and encodes again, which removes line breaks. Text that is not base64 is left to the server. */
function canonicalBase64(encoded: string): string {
  return /^[A-Za-z0-9+/\s]*=*\s*$/.test(encoded) ? Buffer.from(encoded, "base64").toString("base64") : encoded;
}

function normalizeDefinition({ status: _, ...definition }: PropertyMap): PropertyMap {
  const { preserveUnknownFields, ...spec } = mapAt(definition, "spec");
  // The server drops this deprecated field when it is false.
  return preserveUnknownFields === false ? { ...definition, spec } : definition;
}

/** Property names that the SDK spells with underscores, because TypeScript has no dashes in names. */
const dashedNames = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];
const toDashes = new Map(dashedNames.map((name) => [name.replaceAll("-", "_"), name]));
const toUnderscores = new Map(dashedNames.map((name) => [name, name.replaceAll("-", "_")]));

/** Property names as the API server spells them. */
export function withDashes(object: PropertyMap): PropertyMap {
  return renameKeys(object, toDashes);
}

/** Property names as the SDK spells them. */
export function withUnderscores(object: PropertyMap): PropertyMap {
  return renameKeys(object, toUnderscores);
}

function renameKeys(map: PropertyMap, names: ReadonlyMap<string, string>): PropertyMap {
  const rename = (value: PropertyValue): PropertyValue => {
    if (Array.isArray(value)) return value.map(rename);
    return isMap(value) ? renameKeys(value, names) : value;
  };
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [names.get(key) ?? key, rename(value)]));
}
