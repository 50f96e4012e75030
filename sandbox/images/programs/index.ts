import type { ImageDefinition } from "../definition";
import { corednsImage } from "./coredns";
import { keycloakImage } from "./keycloak";
import { postgresExporterImage } from "./postgres-exporter";
import { sonarqubeImage } from "./sonarqube";
import { vault111Image, vaultImage } from "./vault";

/**
 * Images of programs that Debian does not have, by their names: built from sources on the Go module proxy, or their
 * publishers' distributions on Maven Central.
 */
export const programImages = {
  coredns: corednsImage,
  keycloak: keycloakImage,
  "postgres-exporter": postgresExporterImage,
  sonarqube: sonarqubeImage,
  vault: vaultImage,
  "vault-1.11": vault111Image,
} as const satisfies Record<string, ImageDefinition>;
