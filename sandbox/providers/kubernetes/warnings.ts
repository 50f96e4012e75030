import type { Connection } from "./connection";

/** Shows the server's warnings about a written object, such as unknown fields and deprecated versions. */
export async function logWarnings(
  { log, configuration }: Connection,
  urn: string,
  warnings: readonly string[],
): Promise<void> {
  for (const warning of warnings) {
    if (configuration.suppressDeprecationWarnings && /deprecated/.test(warning)) continue;
    await log("warning", urn, warning);
  }
}
