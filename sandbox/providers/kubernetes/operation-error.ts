import { mapsAt, type PropertyMap, stringAt } from "../protocol/property-values";
import { InitializationError } from "../protocol/resource-provider";
import { ApiError, isConflict, isForbidden, isNamespaceMissing, isNotFound, isUnauthorizedUser } from "./api-error";
import type { NotReadyError } from "./await/not-ready";
import { creatingFieldManager } from "./checkpoint";
import { idOf, kindOf, namespaceOf } from "./kinds";
import { redactor } from "./redaction";

type Operation = "create" | "update" | "delete" | "read";

/** `Deployment apps/web`, for messages. */
export function describe(object: PropertyMap): string {
  return `${kindOf(object).kind} ${idOf(object)}`;
}

/**
 * The error of an operation in words for the user: what failed, why, and what to do. Secret values of the object are
 * hidden.
 */
export function operationError(operation: Operation, object: PropertyMap, marked: PropertyMap, error: unknown): Error {
  if (!(error instanceof ApiError)) return error instanceof Error ? error : new Error(String(error));
  // A login that is not accepted concerns no single object.
  if (error.code === 401) return error;
  const redact = redactor(marked);
  const message = redact(`Kubernetes refused to ${operation} ${describe(object)}: ${error.message}`);
  return error.withMessage([message, advice(operation, error, object)].filter(Boolean).join("\n"));
}

function advice(operation: Operation, error: ApiError, object: PropertyMap): string {
  if (isConflict(error) && error.causes.length > 0) {
    return (
      "Other field managers own the fields named above. Remove the fields from the program, list them in ignoreChanges, " +
      'or take them over with the annotation `pulumi.com/patchForce: "true"`.'
    );
  }
  if (isNamespaceMissing(error)) {
    return "Create the namespace first: declare it as a resource and take this object's namespace from its metadata.name.";
  }
  if (/strict decoding error|field not declared in schema/.test(error.message)) {
    return "The server's schema has no such field, and it would drop it: correct its name or place, or remove it.";
  }
  if (isNotFound(error) && operation === "update") {
    return "Somebody has deleted the object. Run `refresh`; the next `up` then creates it again.";
  }
  if (isUnauthorizedUser(error)) return "The kubeconfig's user lacks the right: ask for it, or choose another context.";
  return isForbidden(error) ? admissionAdvice(error, object) : "";
}

/** What helps when the rules of the cluster, not the rights of the user, forbid an object. */
function admissionAdvice({ message }: ApiError, object: PropertyMap): string {
  const namespace = namespaceOf(object);
  if (message.includes("exceeded quota")) {
    return `Ask for less, or let the ResourceQuota of the namespace ${namespace} grow: the message names what is used.`;
  }
  if (message.includes("violates PodSecurity")) {
    return `The Pod Security labels of the namespace ${namespace} do not allow it: change the Pod, or the labels.`;
  }
  if (message.includes("persistentvolumeclaims") && message.includes("resize")) {
    return (
      "Only a claim whose StorageClass has allowVolumeExpansion can grow. Keep the size, or copy the data to a larger " +
      "claim of another name."
    );
  }
  return "A rule of the cluster (quota, policy, webhook) refuses it: the message says which.";
}

/**
 * The error of an object that is there already, and is not the resource's.
 *
 * @param existing the object in the cluster, if it can be read
 */
export function existsError(
  object: PropertyMap,
  { urn, type, name }: { readonly urn: string; readonly type: string; readonly name: string },
  existing: PropertyMap | undefined,
  error: ApiError,
): Error {
  const adopt = `\`npm run import -- ${type} ${name} ${idOf(object)}\` (or the resource option \`import: "${idOf(object)}"\`)`;
  const isOurs = mapsAt(existing ?? {}, "metadata", "managedFields").some((entry) =>
    (stringAt(entry, "manager") ?? "").startsWith(creatingFieldManager),
  );
  const advice = isOurs
    ? "A Pulumi program has made it. If a resource of this stack was renamed or moved, give the new one its former name " +
      'with the resource option `aliases: [{ name: "former name" }]`: then nothing is created and nothing deleted. ' +
      "Do not import it while the state still has it under the former name, because the engine would then delete it. " +
      `Only if no stack has it any more (it was retained, or a state was lost), adopt it with ${adopt}. ` +
      "If it belongs to another stack, choose another metadata.name."
    : `Pulumi has not made it. Adopt it with ${adopt}, or choose another metadata.name.`;
  return error.withMessage(
    `Kubernetes refused to create ${describe(object)}: ${error.message}\n${advice}\nThe resource is ${urn}.`,
  );
}

/**
 * The engine's form of an object that exists but is not ready.
 *
 * @param beginning of the sentence that the error's message ends
 */
export function initializationError(
  beginning: string,
  error: NotReadyError,
  id: string,
  outputs: PropertyMap,
  inputs?: PropertyMap,
) {
  // Events and container states quote what a program printed or was given.
  const reasons = [`${beginning} ${error.message}`, ...error.reasons].map(redactor(outputs));
  return new InitializationError(reasons.join("\n"), { id, outputs, reasons, ...(inputs && { inputs }) });
}
