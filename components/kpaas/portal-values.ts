import type * as pulumi from "@pulumi/pulumi";
import { type EnvironmentTable, type PortalProfile, type PortalSource, portalSources } from "./portal-environment";
import type { SourceValues } from "./suite-environment";

/**
 * The shared ConfigMap: what the tables of all applications of the release name, whether they are installed or not.
 * The images refuse to start without some addresses of applications that they never call then.
 */
export function sharedEnvironment(
  { environment }: PortalProfile,
  values: Partial<SourceValues<PortalSource>>,
): Record<string, pulumi.Input<string>> {
  const found: Record<string, pulumi.Input<string>> = {};
  for (const table of Object.values(environment)) {
    for (const [name, source] of Object.entries(table)) {
      const value = typeof source === "string" && portalSources[source] === "shared" ? values[source] : undefined;
      if (value !== undefined) {
        found[name] = value;
      }
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** All sources that a table names. */
export function sourcesOf(table: EnvironmentTable): PortalSource[] {
  return Object.values(table).filter((source) => typeof source === "string");
}
