import { type MariaDbClient, type MariaDbGrant, ownTables, readWrite } from "../../data/mariadb-client";
import { KEYCLOAK_SCHEMA } from "./schemas";

const inTables = (tables: readonly string[]): MariaDbGrant[] =>
  tables.map((table) => ({ schema: "cp", table, privileges: readWrite }));

const inSchema = (schema: string): MariaDbGrant => ({ schema, privileges: readWrite });

/** The Common-API looks users up in a table of Keycloak's, and reads these columns of it. */
const keycloakUsers: MariaDbGrant = {
  schema: KEYCLOAK_SCHEMA,
  table: "USER_ENTITY",
  columns: ["ID", "REALM_ID", "USERNAME"],
  privileges: ["SELECT"],
  later: true,
};

/**
 * The applications of K-PaaS with a login at the database, and the least that each can live with. Upstream gives all of
 * them everything. Java applications use `ed25519`; the Metric-API is written in Go.
 */
export const kpaasClients = {
  keycloak: {
    username: "keycloak",
    database: KEYCLOAK_SCHEMA,
    plugin: "ed25519",
    grants: [{ schema: KEYCLOAK_SCHEMA, privileges: ownTables }],
  },
  commonApi: {
    username: "cp-portal-common-api",
    database: "cp",
    plugin: "ed25519",
    grants: [inSchema("cp"), keycloakUsers],
  },
  terraman: {
    username: "cp-portal-terraman",
    database: "cp",
    plugin: "ed25519",
    grants: inTables(["cp_cloud_accounts", "cp_cluster_log", "cp_cluster_ssh_key", "cp_clusters"]),
  },
  metricApi: {
    username: "cp-portal-metric-api",
    database: "cp",
    plugin: "mysql_native_password",
    grants: [
      ...inTables(["cp_metric_cluster_status", "cp_metric_node_status"]),
      { schema: "cp", table: "cp_clusters", privileges: ["SELECT"] },
    ],
  },
  serviceBroker: {
    username: "cp-portal-service-broker",
    database: "broker",
    plugin: "ed25519",
    grants: [inSchema("broker")],
  },
  pipelineCommonApi: {
    username: "cp-pipeline-common-api",
    database: "delivery_pipeline",
    plugin: "ed25519",
    grants: [inSchema("delivery_pipeline"), inSchema("pipeline_broker")],
  },
  pipelineConfigServer: {
    username: "cp-pipeline-config-server",
    database: "delivery_pipeline",
    plugin: "ed25519",
    grants: [{ schema: "delivery_pipeline", table: "properties", privileges: ["SELECT"] }],
  },
  pipelineBroker: {
    username: "cp-pipeline-broker",
    database: "pipeline_broker",
    plugin: "ed25519",
    grants: [inSchema("pipeline_broker")],
  },
  sourceControlApi: {
    username: "cp-source-control-api",
    database: "cp_scm",
    plugin: "ed25519",
    grants: [inSchema("cp_scm")],
  },
  sourceControlBroker: {
    username: "cp-source-control-broker",
    database: "cp_scm",
    plugin: "ed25519",
    grants: [inSchema("cp_scm")],
  },
} as const satisfies Record<string, MariaDbClient>;

/** An application of K-PaaS with a login at the database. */
export type KpaasClient = keyof typeof kpaasClients;

/** All of them, in a stable order. */
export const kpaasClientNames = Object.keys(kpaasClients).sort() as [KpaasClient, ...KpaasClient[]];

/** What the named applications get. */
export function databaseClients(
  names: readonly KpaasClient[],
  {
    commonApiUsesBroker,
  }: {
    /** The Common-API keeps the orders of the Portal-Broker. */
    readonly commonApiUsesBroker: boolean;
  },
): Partial<Record<KpaasClient, MariaDbClient>> {
  const all: Readonly<Record<KpaasClient, MariaDbClient>> = commonApiUsesBroker
    ? {
        ...kpaasClients,
        commonApi: { ...kpaasClients.commonApi, grants: [...kpaasClients.commonApi.grants, inSchema("broker")] },
      }
    : kpaasClients;
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
