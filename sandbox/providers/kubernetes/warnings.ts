import type { PropertyMap } from "../protocol/property-values";
import type { Connection } from "./connection";
import { redactor } from "./redaction";

/**
 * Shows the server's warnings about a written object, such as unknown fields and deprecated versions.
 *
 * @param inputs of the object, whose secrets are hidden
 */
export async function logWarnings(
  { log, configuration }: Connection,
  urn: string,
  warnings: readonly string[],
  inputs: PropertyMap,
): Promise<void> {
  if (warnings.length === 0) return;
  const redact = redactor(inputs);
  for (const warning of warnings) {
    if (configuration.suppressDeprecationWarnings && /deprecated/.test(warning)) continue;
    await log("warning", urn, redact(warning));
  }
}
