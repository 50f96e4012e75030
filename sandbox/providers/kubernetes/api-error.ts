import { mapAt, mapsAt, type PropertyMap, stringAt } from "../protocol/property-values";

/** The API server refused a request. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** HTTP status code. */
    readonly code: number,
    /** Machine-readable reason, e.g. `AlreadyExists`. */
    readonly reason: string,
    message: string,
    /** Fields that the server objects to. */
    readonly causes: readonly { readonly field: string; readonly message: string }[] = [],
    /** What was not found, e.g. `namespaces`; empty when the server does not say. */
    readonly resource = "",
  ) {
    super(message);
  }

  /** Reads the `Status` object that the server answers a refused request with. */
  static fromResponse(code: number, body: PropertyMap | undefined, request: string): ApiError {
    const message = body === undefined ? undefined : stringAt(body, "message");
    const causes = mapsAt(body ?? {}, "details", "causes").map((cause) => ({
      field: stringAt(cause, "field") ?? "",
      message: stringAt(cause, "message") ?? "",
    }));
    const resource = stringAt(mapAt(body ?? {}, "details"), "kind") ?? "";
    const reason = stringAt(body ?? {}, "reason") ?? "";
    return new ApiError(
      code,
      reason,
      message ?? `the API server answered ${request} with status ${code}`,
      causes,
      resource,
    );
  }

  /** The same refusal with another text. */
  withMessage(message: string): ApiError {
    return new ApiError(this.code, this.reason, message, this.causes, this.resource);
  }
}

/** The API server did not answer at all. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** The namespace that an object should go to does not exist (yet). */
export function isNamespaceMissing(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404 && error.resource === "namespaces";
}

export function isAlreadyExists(error: unknown): error is ApiError {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

/** Somebody else owns a field, or has changed the object in the meantime. */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 409 && error.reason === "Conflict";
}

/** Every field that an apply was refused for is owned by somebody who has used kubectl by hand. */
export function isHandEditConflict(error: unknown): boolean {
  if (!isConflict(error) || error.causes.length === 0) return false;
  return error.causes.every(({ message }) => /^conflict with "kubectl(-[a-z-]+)?"/.test(message));
}

/** The server does not accept the credentials, or they do not give the right. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.code === 401 || error.code === 403);
}

export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.code === 403;
}

/** The user lacks the right; any other 403 is a rule of the cluster (quota, policy, webhook) that refuses the object. */
export function isUnauthorizedUser(error: unknown): boolean {
  return isForbidden(error) && /\bUser "[^"]*" cannot /.test((error as ApiError).message);
}

/** Fields that the server says cannot be changed on an existing object. */
export function immutableFields(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.code !== 422) return [];
  return error.causes.filter(({ message }) => message.includes("field is immutable")).map(({ field }) => field);
}
