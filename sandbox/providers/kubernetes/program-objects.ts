import { containsUnknown, type PropertyMap, reveal } from "../protocol/property-values";
import { idOf, kindOf, namespaceOf } from "./kinds";
import { describe } from "./operation-error";

/** Kinds that decide what the server admits of other objects, in their own namespace or everywhere. */
const guards: ReadonlySet<string> = new Set([
  "/LimitRange",
  "/Namespace",
  "/ResourceQuota",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "rbac.authorization.k8s.io/Role",
  "rbac.authorization.k8s.io/RoleBinding",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/StorageClass",
]);

/** What the provider has learned, in this run of the engine, about the objects of the program. */
export class ProgramObjects {
  /** The resource (URN) that means an object. */
  private readonly owners = new Map<string, string>();
  /** Resources that the state had when the run began: if they are created, it is in place of another object. */
  private readonly known = new Set<string>();
  private readonly changedGuards = new Map<string, PropertyMap>();

  /** Notes a resource; gives the URN of another one of the program that means the same object. */
  note(urn: string, inputs: PropertyMap, isKnown: boolean): string | undefined {
    if (isKnown) this.known.add(urn);
    const object = reveal(inputs);
    if (containsUnknown(object["metadata"] ?? null)) return undefined;
    const key = keyOf(object);
    const owner = this.owners.get(key);
    if (owner === undefined) this.owners.set(key, urn);
    return owner === urn ? undefined : owner;
  }

  /** Whether the object of the resource takes the place of one that the state has. */
  isReplacement(urn: string): boolean {
    return this.known.has(urn);
  }

  /** Notes an object that this run changes or makes. */
  noteChange(inputs: PropertyMap): void {
    const { group, kind } = kindOf(inputs);
    if (guards.has(`${group}/${kind}`)) this.changedGuards.set(keyOf(inputs), inputs);
  }

  /** What this run changes that may let the server admit the object later: nobody can tell before. */
  changedGuardOf(object: PropertyMap): string | undefined {
    const namespace = namespaceOf(object);
    const guard = [...this.changedGuards.values()].find((each) => {
      const own = kindOf(each).kind === "Namespace" ? idOf(each) : namespaceOf(each);
      return keyOf(each) !== keyOf(object) && (own === "" || own === namespace);
    });
    return guard === undefined ? undefined : describe(guard);
  }
}

/** Versions of a kind are views of the same object. */
function keyOf(object: PropertyMap): string {
  const { group, kind } = kindOf(object);
  return `${group}/${kind}/${idOf(object)}`;
}

/** What to do about an object that two resources of one program mean. */
export function namedTwice(object: PropertyMap, urn: string, other: string): string {
  return (
    `Two resources of the program mean ${describe(object)}: ${nameOfUrn(other)} and ${nameOfUrn(urn)} ` +
    `(${other}, ${urn}). An object belongs to one resource: remove one of the two, or give one of them another ` +
    "metadata.name. Importing it a second time does not help: the two would overwrite each other, and whoever leaves " +
    "the program first deletes the object."
  );
}

function nameOfUrn(urn: string): string {
  return `"${urn.split("::").slice(3).join("::")}"`;
}
