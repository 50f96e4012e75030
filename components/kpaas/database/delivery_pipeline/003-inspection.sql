-- What the Inspection-API keeps in SonarQube.
CREATE TABLE IF NOT EXISTS sonar_project (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  pipeline_id bigint NOT NULL DEFAULT 0,
  job_id bigint NOT NULL DEFAULT 0,
  project_id bigint NOT NULL,
  project_name varchar(255) NOT NULL,
  project_key varchar(255) NOT NULL,
  quality_profile_key varchar(255) NOT NULL,
  quality_gate_id varchar(255) NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS quality_gate (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  quality_gate_id bigint NOT NULL,
  quality_gate_name varchar(255) NOT NULL,
  gate_default_yn varchar(1) NOT NULL DEFAULT 'N',
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS quality_profile (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  quality_profile_id bigint NOT NULL,
  quality_profile_name varchar(255) NOT NULL,
  quality_profile_key varchar(255) NOT NULL,
  language varchar(255) NOT NULL,
  language_name varchar(255) NOT NULL,
  profile_default_yn varchar(1) NOT NULL DEFAULT 'N',
  active_rule_count int NOT NULL,
  active_deprecated_rule_count int NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
