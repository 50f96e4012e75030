import { images } from "../../../catalog/images";
import { keycloakDistribution } from "../../servers/java-servers";
import { ensureMavenArchive, mavenFolder } from "../../servers/maven-archive";
import type { ImageDefinition } from "../definition";
import { JAVA_PACKAGES, javaEnvironment } from "./java";

const distribution = keycloakDistribution(images.keycloak.tag);
const HOME = "/opt/keycloak";

/**
 * Takes the place of `keycloak/keycloak`. As that one it is not built for any settings: `start` builds, for which the pod
 * makes `lib/quarkus` writable.
 */
export const keycloakImage: ImageDefinition = {
  name: "keycloak",
  tag: distribution.version,
  title: `Keycloak ${distribution.version} (distribution on Maven Central)`,
  packages: JAVA_PACKAGES,
  prepare: async (progress) => {
    await ensureMavenArchive(distribution, progress);
  },
  content: [
    { from: mavenFolder(distribution), to: HOME },
    // Not every program that unpacks archives keeps what may be executed.
    { from: `${mavenFolder(distribution)}/bin/kc.sh`, to: `${HOME}/bin/kc.sh`, mode: 0o755 },
  ],
  accounts: [{ name: "keycloak", uid: 1000, gid: 1000, home: "/home/keycloak" }],
  directories: [{ path: `${HOME}/data`, owner: "1000:1000" }],
  process: {
    entrypoint: [`${HOME}/bin/kc.sh`],
    user: "1000:1000",
    environment: {
      ...javaEnvironment,
      // Its heap gets a share of the container's memory instead of a fixed size.
      KC_RUN_IN_CONTAINER: "true",
    },
  },
};
