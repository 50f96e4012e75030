import { sonarqubeDistribution } from "../../servers/java-servers";
import { ensureMavenArchive, mavenFolder } from "../../servers/maven-archive";
import type { ImageDefinition } from "../definition";
import { JAVA, JAVA_PACKAGES, javaEnvironment } from "./java";

const { version } = sonarqubeDistribution;
const HOME = "/opt/sonarqube";
/** What the server writes to; pods mount volumes there. */
const WRITABLE = ["data", "extensions", "logs", "temp"];

/**
 * Takes the place of the official image `sonarqube`. Its properties come from variables such as SONAR_JDBC_URL, which the
 * server itself reads. The search engine that it starts refuses to be root.
 */
export const sonarqubeImage: ImageDefinition = {
  name: "sonarqube",
  tag: version.split(".").slice(0, 3).join("."),
  title: `SonarQube ${version}, Community edition (distribution on Maven Central)`,
  packages: [...JAVA_PACKAGES, "curl"], // the pod's readiness probe runs curl
  prepare: async (progress) => {
    await ensureMavenArchive(sonarqubeDistribution, progress);
  },
  content: [{ from: mavenFolder(sonarqubeDistribution), to: HOME }],
  accounts: [{ name: "sonarqube", uid: 1000, gid: 1000, home: "/home/sonarqube" }],
  directories: WRITABLE.map((name) => ({ path: `${HOME}/${name}`, owner: "1000:0", mode: 0o770 })),
  process: {
    entrypoint: [JAVA, "-jar", `lib/sonar-application-${version}.jar`, "-Dsonar.log.console=true"],
    user: "1000:0",
    workingDirectory: HOME,
    environment: {
      ...javaEnvironment,
      // The search engine warns instead of refusing to start where a process may open fewer than 65535 files: not every
      // machine lets its containers open more.
      SONAR_ES_BOOTSTRAP_CHECKS_DISABLE: "true",
    },
  },
};
