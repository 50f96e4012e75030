-- The portals that a Cloud Foundry ordered.
CREATE TABLE IF NOT EXISTS service_instance (
  service_instance_id varchar(255) NOT NULL PRIMARY KEY,
  user_id varchar(255),
  dashboard_url varchar(255),
  organization_guid varchar(255),
  plan_id varchar(255),
  service_definition_id varchar(255),
  space_guid varchar(255)
);
