import type { PropertyMap } from "../protocol/property-values";
import { InitializationError } from "../protocol/resource-provider";
import { ApiError, isAlreadyExists, isConflict, isForbidden, isNamespaceMissing, isNotFound } from "./api-error";
import type { NotReadyError } from "./await/not-ready";
import { idOf, kindOf } from "./kinds";
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
  const redact = redactor(marked);
  const message = redact(`Kubernetes refused to ${operation} ${describe(object)}: ${error.message}`);
  return error.withMessage([message, advice(operation, error, object)].filter(Boolean).join("\n"));
}

function advice(operation: Operation, error: ApiError, object: PropertyMap): string {
  if (isAlreadyExists(error)) {
    return (
      "An object of this name is in the cluster, but not in the state of this stack. Adopt it with the resource option " +
      `\`import: "${idOf(object)}"\`, choose another metadata.name, or, if it is to be replaced, set deleteBeforeReplace.`
    );
  }
  if (isConflict(error) && error.causes.length > 0) {
    return (
      "Other field managers own the fields named above. Remove the fields from the program, list them in ignoreChanges, " +
      'or take them over with the annotation `pulumi.com/patchForce: "true"`.'
    );
  }
  if (isNamespaceMissing(error)) {
    return "Create the namespace first: declare it as a resource and take this object's namespace from its metadata.name.";
  }
  if (isNotFound(error) && operation === "update") {
    return "Somebody has deleted the object. Run `refresh`; the next `up` then creates it again.";
  }
  if (isForbidden(error)) return "Check the rights of the kubeconfig's user, and quotas and policies of the namespace.";
  return "";
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
  const reasons = [`${beginning} ${error.message}`, ...error.reasons];
  return new InitializationError(reasons.join("\n"), { id, outputs, reasons, ...(inputs && { inputs }) });
}
