import type { NamespaceBinding, PostgresEndpoint, SonarEndpoint } from "../../components/contracts";
import { externalPostgres } from "../../components/data/external-postgres";
import { PostgresDatabase } from "../../components/data/postgres-database";
import { SonarQube } from "../../components/inspection/sonarqube";
import { kernelNamespace } from "../../components/inspection/sonarqube-pod";
import type { InspectionServer } from "../../components/kpaas/pipeline-suite-args";
import type { Site } from "./site";

/** The logins at the platform's SonarQube. */
export interface PlatformSonar {
  readonly openchecker: SonarEndpoint;
  /** The administrator and a token, for the Pipeline suite. @default there is no such suite */
  readonly inspection: InspectionServer | undefined;
}

/**
 * The platform's SonarQube for OpenChecker, or none where the settings do not want it.
 * @param openchecker namespace of the workers: their token becomes a Secret there
 * @param pipeline namespace of the Pipeline suite, whose Jenkins gets a token of its own
 */
export function composeSonarQube(
  site: Site,
  openchecker: NamespaceBinding,
  pipeline: NamespaceBinding | undefined,
): PlatformSonar | undefined {
  const { cluster, lifecycle, sonarqube } = site.settings;
  const {
    enabled,
    database,
    nodeKernel,
    tokenDays,
    reconcileSchedule,
    namespace: namespaceName,
    ...others
  } = sonarqube;
  const { forceAuthentication, serverSettings, ...rest } = others;
  if (!enabled) {
    return undefined;
  }
  // The database has no other client, so that one namespace holds, and one removal removes, all of it.
  const namespace = site.namespace(namespaceName, "sonarqube", {
    holdsData: true,
    ...(nodeKernel === "initContainer" && { podSecurity: "privileged", exceptions: kernelNamespace }),
  });
  const server = new SonarQube<string>(
    "sonarqube",
    {
      ...rest,
      namespace,
      image: site.image("sonarqube"),
      toolImage: site.image("python"),
      database: composeDatabase(site, namespace, database),
      kernel: nodeKernel,
      ingress: site.ingress,
      issuer: site.issuerFor(sonarqube.exposure),
      consumers: {
        openchecker: { username: "openchecker", displayName: "OpenChecker", namespace: openchecker, tokenDays },
        ...(pipeline !== undefined && {
          pipeline: { username: "pipeline", displayName: "Pipeline", namespace: pipeline, tokenDays },
        }),
      },
      serverSettings: { "sonar.forceAuthentication": String(forceAuthentication), ...serverSettings },
      schedule: reconcileSchedule,
      kubernetesApi: site.kubernetesApi,
      clusterDomain: cluster.domain,
      lifecycle,
    },
    site.options,
  );
  site.add("sonarqube", server);
  site.credentials["sonarqube"] = server.administrator;
  const openCheckerLogin = server.endpoint("openchecker");
  const inspection = pipeline && { ...server.endpoint("pipeline"), ...server.administrator };
  return { openchecker: openCheckerLogin, inspection };
}

function composeDatabase(
  site: Site,
  namespace: NamespaceBinding,
  { external, ...server }: Site["settings"]["sonarqube"]["database"],
): PostgresEndpoint {
  if (external !== undefined) {
    return externalPostgres(external);
  }
  const database = new PostgresDatabase(
    "sonarqube-postgres",
    {
      ...server,
      namespace,
      system: "sonarqube",
      image: site.image("postgres"),
      clients: { sonarqube: { database: "sonarqube", username: "sonarqube" } },
      clusterDomain: site.settings.cluster.domain,
      lifecycle: site.settings.lifecycle,
    },
    site.options,
  );
  site.add("sonarqube-postgres", database);
  return database.endpoint("sonarqube", namespace.plainName);
}
