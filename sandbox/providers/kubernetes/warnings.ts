import type { Connection } from "./connection";

/** Shows the server's warnings about a written object, such as unknown fields and deprecated versions. */
export function logWarnings({ log, configuration }: Connection, urn: string, warnings: readonly string[]): void {
  for (const warning of warnings) {
    if (configuration.suppressDeprecationWarnings && /deprecated/.test(warning)) continue;
    log("warning", urn, warning);
  }
}
