-- Clusters, their users, and what Terraman needs to make new ones. Times are texts: that is how the applications read them.
CREATE TABLE IF NOT EXISTS cp_clusters (
  cluster_id varchar(255) NOT NULL PRIMARY KEY,
  name varchar(255),
  cluster_type varchar(255) NOT NULL DEFAULT 'sub', -- host or sub
  provider_type varchar(50) NOT NULL DEFAULT 'AWS',
  description varchar(255) NOT NULL,
  ssh_key varchar(100),
  status varchar(1) NOT NULL DEFAULT 'D', -- C: being made, A: active, D: failed
  created varchar(255) NOT NULL,
  last_modified varchar(255) NOT NULL
);

CREATE TABLE IF NOT EXISTS cp_users (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  cluster_id varchar(255) NOT NULL,
  user_id varchar(255) NOT NULL,
  user_auth_id varchar(255) NOT NULL, -- id of the user in Keycloak
  namespace varchar(255) NOT NULL,
  user_type varchar(32) NOT NULL, -- SUPER_ADMIN, CLUSTER_ADMIN or USER
  role_set_code varchar(255) NOT NULL,
  service_account_name varchar(255) NOT NULL,
  created varchar(255) NOT NULL,
  last_modified varchar(255) NOT NULL
);

CREATE TABLE IF NOT EXISTS cp_cloud_accounts (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(100) NOT NULL,
  provider varchar(100) NOT NULL DEFAULT 'AWS',
  project varchar(100),
  region varchar(100),
  site varchar(100),
  created varchar(255) NOT NULL,
  last_modified varchar(255) NOT NULL
);

CREATE TABLE IF NOT EXISTS cp_cluster_log (
  cluster_id varchar(255) NOT NULL,
  process_no int NOT NULL,
  log_message varchar(300),
  reg_timestamp varchar(30) DEFAULT (CURRENT_TIMESTAMP),
  PRIMARY KEY (cluster_id, process_no)
);

CREATE TABLE IF NOT EXISTS cp_cluster_ssh_key (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(100) NOT NULL,
  provider varchar(100) NOT NULL DEFAULT 'AWS',
  created varchar(255) NOT NULL,
  last_modified varchar(255) NOT NULL
);

CREATE TABLE IF NOT EXISTS cp_hcl_templates (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(100) NOT NULL,
  provider varchar(100) NOT NULL DEFAULT 'AWS',
  hcl_script text,
  region varchar(100),
  created varchar(30) NOT NULL,
  last_modified varchar(255) NOT NULL
);
