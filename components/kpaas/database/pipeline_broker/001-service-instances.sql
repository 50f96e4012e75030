-- The pipelines that a Cloud Foundry ordered.
CREATE TABLE IF NOT EXISTS service_instance (
  service_instance_id varchar(255) NOT NULL PRIMARY KEY,
  dashboard_url varchar(255),
  organization_guid varchar(255),
  plan_id varchar(255),
  service_id varchar(255),
  space_guid varchar(255)
);

CREATE TABLE IF NOT EXISTS service_instance_project (
  service_instance_id varchar(255) NOT NULL PRIMARY KEY,
  project_id varchar(255) NOT NULL,
  project_nm varchar(100)
);
