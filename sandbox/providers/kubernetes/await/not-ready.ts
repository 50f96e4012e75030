import type { PropertyMap } from "../../protocol/property-values";
import { isForbidden, isRefusal } from "../api-error";

/** An object did not become ready, or was not gone, in the time allowed; or nobody could see whether it did. */
export class NotReadyError extends Error {
  override readonly name = "NotReadyError";

  constructor(
    message: string,
    /** What stands in the way, most telling first. */
    readonly reasons: readonly string[],
    /** The object as it was last seen. */
    readonly live: PropertyMap,
  ) {
    super(message);
  }
}

/** Message of a {@link NotReadyError} about an object that cannot be observed. */
export const unseen = "whether it is ready cannot be seen";

/**
 * Any error of a wait in the form that keeps the object, which was written already, in the state.
 *
 * @param live the object as it was last seen
 */
export function asNotReady(error: unknown, live: PropertyMap): NotReadyError {
  return error instanceof NotReadyError ? error : new NotReadyError(unseen, [explainUnseen(error)], live);
}

/** Why an object cannot be observed, and what to do about it. */
export function explainUnseen(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!isRefusal(error)) return message;
  if (!isForbidden(error)) return message;
  return (
    `${message}. Waiting needs the right to list and watch such objects. Give it to the kubeconfig's user, or do not ` +
    'wait: `pulumi.com/skipAwait: "true"`.'
  );
}
