import { type PropertyMap, stringAt } from "../protocol/property-values";

/** What kind of object it is, as `apiVersion` and `kind` say. */
export interface GroupVersionKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Kind of a type token, e.g. `kubernetes:apps/v1:Deployment`. Throws for what the builtin provider does not serve. */
export function kindOfType(type: string): GroupVersionKind {
  const [, module = "", kind = ""] = type.split(":");
  const [group = "", version = ""] = module.split("/");
  if (/^(helm\.sh|helm|yaml|kustomize)\b/.test(module) || version === "") {
    throw new Error(
      `The builtin kubernetes provider does not serve ${type}. Declare the objects as plain resources ` +
        "(kubernetes.apps.v1.Deployment and so on), or run with the official provider.",
    );
  }
  for (const suffix of ["Patch", "List"]) {
    if (!kind.endsWith(suffix) || kind === suffix) continue;
    throw new Error(
      `The builtin kubernetes provider does not serve ${type}. Declare the whole object as ` +
        `kubernetes:${module}:${kind.slice(0, -suffix.length)}, or run with the official provider.`,
    );
  }
  return { group: group === "core" ? "" : group, version, kind };
}

/** Kind of an object. */
export function kindOf(object: PropertyMap): GroupVersionKind {
  const [first = "", second] = (stringAt(object, "apiVersion") ?? "").split("/");
  const kind = stringAt(object, "kind") ?? "";
  if (second === undefined) return { group: "", version: first, kind };
  return { group: first === "core" ? "" : first, version: second, kind };
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf({ group, version }: GroupVersionKind): string {
  return group === "" ? version : `${group}/${version}`;
}

export function isKind(object: PropertyMap, group: string, kind: string): boolean {
  const found = kindOf(object);
  return found.group === group && found.kind === kind;
}

export function nameOf(object: PropertyMap): string {
  return stringAt(object, "metadata", "name") ?? "";
}

/** Empty for objects without a namespace. */
export function namespaceOf(object: PropertyMap): string {
  return stringAt(object, "metadata", "namespace") ?? "";
}

/** `namespace/name`, or `name` for objects without a namespace: the id of the resource in the state. */
export function idOf(object: PropertyMap): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

export function annotationOf(object: PropertyMap, name: string): string | undefined {
  return stringAt(object, "metadata", "annotations", name);
}
