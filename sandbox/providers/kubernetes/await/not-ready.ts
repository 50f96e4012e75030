import type { PropertyMap } from "../../protocol/property-values";

/** An object did not become ready, or was not gone, in the time allowed. */
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
