import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MariaDbSchema, Migration } from "../../data/mariadb-schema";
import { sqlText } from "../../data/mariadb-sql";
import { type PipelineProperty, pipelinePropertiesSeed } from "./pipeline-properties";

/** The schema of Keycloak, which makes its tables itself. */
export const KEYCLOAK_SCHEMA = "keycloak";

/** Where the platform itself runs, as the portal shows it: `AWS`, `OPENSTACK`, `NAVER`, `NHN` or `KT` (upstream). */
export type CloudProvider = "AWS" | "OPENSTACK" | "NAVER" | "NHN" | "KT";

export interface KpaasSchemaFacts {
  /** The cluster that the platform runs on. */
  readonly hostCluster: {
    /** The id under which Vault knows it as well. */
    readonly id: string;
    readonly name: string;
    readonly provider: CloudProvider;
  };
  /** Base address of the pipeline's Jenkins as pods reach it. */
  readonly ciServerUrl: string;
  /** What the pipeline's Config-Server serves. @default only what the applications put there */
  readonly pipelineProperties?: readonly PipelineProperty[];
}

/** The files of each schema, in the order in which they are applied. */
const migrations = {
  broker: read("broker", ["001-service-instances"]),
  cp: read("cp", ["001-clusters", "002-presets", "003-metrics", "004-chaos", "005-database-secrets"]),
  cp_scm: read("cp_scm", ["001-repositories"]),
  delivery_pipeline: read("delivery_pipeline", ["001-users", "002-jobs", "003-inspection", "004-properties"]),
  pipeline_broker: read("pipeline_broker", ["001-service-instances"]),
};

function read(schema: string, versions: readonly string[]): Migration[] {
  return versions.map((version) => ({
    version,
    sql: readFileSync(join(__dirname, schema, `${version}.sql`), "utf8"),
  }));
}

/** The schemas of K-PaaS. All of them are always made; what an application finds in its own decides its release. */
export function kpaasSchemas({ hostCluster, ciServerUrl, pipelineProperties = [] }: KpaasSchemaFacts): MariaDbSchema[] {
  return [
    { name: "broker", migrations: migrations.broker },
    { name: "cp", migrations: migrations.cp, seed: hostClusterSeed(hostCluster) },
    { name: "cp_scm", migrations: migrations.cp_scm },
    {
      name: "delivery_pipeline",
      migrations: migrations.delivery_pipeline,
      seed: ciServerSeed(ciServerUrl) + pipelinePropertiesSeed(pipelineProperties),
    },
    { name: KEYCLOAK_SCHEMA, migrations: [] },
    { name: "pipeline_broker", migrations: migrations.pipeline_broker },
  ];
}

/** There can be one host cluster. A database of another origin may have one under another id: people decide what then. */
function hostClusterSeed({ id, name, provider }: KpaasSchemaFacts["hostCluster"]): string {
  const [clusterId, clusterName, providerType] = [id, name, provider].map(sqlText);
  const message = `cp.cp_clusters holds another host cluster; the one of this stack is ${id}. See docs/mariadb.md.`;
  return `DELIMITER //
BEGIN NOT ATOMIC
  IF EXISTS (SELECT 1 FROM cp_clusters WHERE cluster_type = 'host' AND cluster_id <> ${clusterId}) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = ${sqlText(message)};
  END IF;
END //
DELIMITER ;
INSERT INTO cp_clusters (cluster_id, name, cluster_type, provider_type, description, status, created, last_modified)
  VALUES (${clusterId}, ${clusterName}, 'host', ${providerType}, '-', 'A',
    DATE_FORMAT(NOW(), '%Y-%m-%d %T'), DATE_FORMAT(NOW(), '%Y-%m-%d %T'))
  ON DUPLICATE KEY UPDATE name = VALUES(name), provider_type = VALUES(provider_type);
`;
}

/** The service instance of a pipeline that no Cloud Foundry ordered. */
function ciServerSeed(url: string): string {
  return `INSERT INTO service_instances (id, owner, ci_server_url) VALUES ('standalone', 'admin', ${sqlText(url)})
  ON DUPLICATE KEY UPDATE ci_server_url = VALUES(ci_server_url);
`;
}
