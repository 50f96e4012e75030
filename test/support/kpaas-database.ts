import type { KpaasClient } from "../../components/kpaas/database/clients";

/** The tables of the facts about K-PaaS by schema, and how many columns each has. */
export const kpaasTables: Readonly<Record<string, number>> = {
  "broker.service_instance": 7,
  "cp.cp_chaos_resource": 6,
  "cp.cp_chaos_resource_usage": 5,
  "cp.cp_cloud_accounts": 8,
  "cp.cp_cluster_log": 4,
  "cp.cp_cluster_ssh_key": 5,
  "cp.cp_clusters": 9,
  "cp.cp_hcl_templates": 7,
  "cp.cp_limit_ranges": 9,
  "cp.cp_metric_cluster_status": 10,
  "cp.cp_metric_node_status": 7,
  "cp.cp_resource_quotas": 8,
  "cp.cp_stress_chaos": 6,
  "cp.cp_users": 10,
  "cp.cp_vault_database_secret": 9,
  "cp_scm.REPO_PERMITION": 4,
  "cp_scm.SC_INSTANCE_USER": 7,
  "cp_scm.SC_REPOSITORY": 8,
  "cp_scm.SC_USER": 4,
  "cp_scm.SERVICE_INSTANCE": 8,
  "cp_scm.commit_history": 8,
  "delivery_pipeline.audit_history": 9,
  "delivery_pipeline.authority": 6,
  "delivery_pipeline.cf_info": 10,
  "delivery_pipeline.cf_url": 7,
  "delivery_pipeline.ci_info": 5,
  "delivery_pipeline.file_info": 5,
  "delivery_pipeline.granted_authority": 5,
  "delivery_pipeline.harbor_info": 9,
  "delivery_pipeline.instance_use": 3,
  "delivery_pipeline.job": 51,
  "delivery_pipeline.job_history": 14,
  "delivery_pipeline.kube_config": 6,
  "delivery_pipeline.pipeline": 6,
  "delivery_pipeline.properties": 6,
  "delivery_pipeline.quality_gate": 7,
  "delivery_pipeline.quality_profile": 12,
  "delivery_pipeline.service_instances": 3,
  "delivery_pipeline.sonar_project": 11,
  "delivery_pipeline.user": 9,
  "delivery_pipeline.vm_info": 13,
  "pipeline_broker.service_instance": 6,
  "pipeline_broker.service_instance_project": 3,
};

/** What each application does, and what it must not. */
export const kpaasStatements: Readonly<
  Record<KpaasClient, { readonly allowed: readonly string[]; readonly denied: readonly string[] }>
> = {
  commonApi: {
    allowed: ["INSERT INTO cp_cloud_accounts VALUES (1, 'n', 'p', 'p', 'r', 's', 'c', 'l')", "DELETE FROM cp_users"],
    denied: [
      "CREATE TABLE t (id int)",
      "SELECT * FROM broker.service_instance",
      "SELECT * FROM mysql.user",
      "SELECT * FROM delivery_pipeline.user",
      "SELECT 1 INTO OUTFILE '/tmp/file'",
    ],
  },
  keycloak: {
    allowed: ["CREATE TABLE t (id int)", "ALTER TABLE t ADD INDEX (id)", "INSERT INTO t VALUES (1)", "DROP TABLE t"],
    denied: [
      "SELECT * FROM cp.cp_users",
      "CREATE DATABASE other",
      "GRANT SELECT ON keycloak.* TO 'cp-portal-terraman'",
    ],
  },
  terraman: {
    allowed: ["UPDATE cp_clusters SET status = 'A'", "DELETE FROM cp_cluster_log", "SELECT * FROM cp_cluster_ssh_key"],
    denied: ["SELECT * FROM cp_users", "DROP TABLE cp_clusters", "UPDATE platform_migration SET checksum = ''"],
  },
  metricApi: {
    allowed: [
      "SELECT * FROM cp_clusters",
      "INSERT INTO cp_metric_node_status (cluster_id, update_time) VALUES ('c', 'now')",
      "UPDATE cp_metric_cluster_status SET cpu_ratio = 1",
    ],
    denied: ["UPDATE cp_clusters SET status = 'D'", "SELECT * FROM cp_cloud_accounts"],
  },
  serviceBroker: {
    allowed: ["DELETE FROM service_instance"],
    denied: ["SELECT * FROM cp.cp_clusters", "SELECT * FROM pipeline_broker.service_instance"],
  },
  pipelineCommonApi: {
    allowed: ["DELETE FROM job", "DELETE FROM pipeline_broker.service_instance"],
    denied: ["SELECT * FROM cp.cp_clusters", "DROP TABLE job"],
  },
  pipelineConfigServer: {
    allowed: ["SELECT value FROM properties"],
    denied: ["SELECT * FROM job", "DELETE FROM properties"],
  },
  pipelineBroker: {
    allowed: ["DELETE FROM service_instance_project"],
    denied: ["SELECT * FROM delivery_pipeline.pipeline"],
  },
  sourceControlApi: {
    allowed: ["DELETE FROM REPO_PERMITION"],
    // In a grant `_` stands for any character, unless it is escaped.
    denied: ["SELECT * FROM cpxscm.t", "SELECT * FROM cp.cp_clusters"],
  },
  sourceControlBroker: { allowed: ["DELETE FROM SC_USER"], denied: ["SELECT * FROM cp.cp_clusters"] },
};
