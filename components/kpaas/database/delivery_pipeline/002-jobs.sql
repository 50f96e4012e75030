-- Pipelines, their jobs, and where these build and deploy.
CREATE TABLE IF NOT EXISTS pipeline (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) NOT NULL,
  service_instances_id varchar(255),
  description text,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (service_instances_id) REFERENCES service_instances (id)
);

CREATE TABLE IF NOT EXISTS job (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  pipeline_id int NOT NULL,
  job_type varchar(255) NOT NULL,
  job_name varchar(255) NOT NULL,
  job_guid varchar(255) NOT NULL,
  group_order int NOT NULL,
  job_order int NOT NULL,
  builder_target varchar(255) DEFAULT 'CloudFoundry',
  builder_type varchar(255),
  build_job_id int,
  job_trigger varchar(255),
  post_action_yn varchar(255) DEFAULT 'N',
  repository_type varchar(255),
  repository_url varchar(255),
  repository_id varchar(255),
  repository_account_id varchar(255),
  repository_account_password varchar(255),
  repository_branch varchar(255),
  repository_commit_revision varchar(255),
  cf_info_id bigint,
  kube_config_id bigint DEFAULT 0,
  vm_info_id bigint DEFAULT 0,
  app_name varchar(255),
  app_url varchar(255),
  cf_domain varchar(255),
  deploy_type varchar(255),
  blue_green_deploy_status varchar(255),
  deploy_target_org varchar(255),
  deploy_target_space varchar(255),
  manifest_use_yn varchar(1) DEFAULT 'N',
  manifest_script text,
  inspection_project_id varchar(255),
  inspection_project_name varchar(255),
  inspection_project_key varchar(255),
  inspection_profile_key varchar(255),
  inspection_gate_id varchar(255),
  dockerfile_script text,
  docker_image_name varchar(255),
  docker_image_repo_url varchar(255),
  docker_image_repo_project_name varchar(255),
  docker_image_repo_account_id varchar(255),
  docker_image_repo_account_password varchar(255),
  kube_deployment_script text,
  kube_service_script text,
  kube_ingress_script text,
  enable_pinpoint varchar(1) DEFAULT 'N',
  vm_exec_command text,
  user_id varchar(255) NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS job_history (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  job_id int NOT NULL,
  previous_job_number int,
  job_number int NOT NULL,
  duration bigint,
  status varchar(255) NOT NULL,
  file_id int,
  trigger_type varchar(255) NOT NULL,
  user_id varchar(255) NOT NULL,
  ref_docker_tag varchar(128),
  ref_file_id bigint DEFAULT -1,
  redmine_issue_id bigint DEFAULT 0,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS file_info (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  file_url varchar(255) NOT NULL,
  original_file_name varchar(255) NOT NULL,
  stored_file_name varchar(255) NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS ci_info (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  server_url varchar(255),
  used_count int DEFAULT 0,
  type varchar(255),
  status varchar(255) DEFAULT 'N'
);

CREATE TABLE IF NOT EXISTS cf_info (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  cf_name varchar(255) NOT NULL,
  cf_id varchar(255) NOT NULL,
  cf_password varchar(255) NOT NULL,
  cf_api_url varchar(255) NOT NULL,
  description text,
  user_id varchar(255) NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS cf_url (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  cf_api_name varchar(255) NOT NULL,
  cf_api_url varchar(255) NOT NULL,
  user_id varchar(255) NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS kube_config (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  config_name varchar(255) NOT NULL,
  kubeconfig text NOT NULL,
  user_id varchar(255) NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS vm_info (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  vm_name varchar(255) NOT NULL,
  ssh_host_name varchar(255) NOT NULL,
  ssh_user_name varchar(255) NOT NULL,
  ssh_port int NOT NULL,
  ssh_auth_method int,
  ssh_user_pwd varchar(255),
  ssh_private_key text,
  ssh_remote_dir text,
  ssh_exec_cmd text,
  user_id varchar(255) NOT NULL,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS harbor_info (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  repository_url varchar(255) NOT NULL,
  project_id int NOT NULL,
  project_name varchar(255) NOT NULL,
  user_id int NOT NULL,
  user_name varchar(255) NOT NULL,
  user_password varchar(255) NOT NULL,
  is_owner varchar(1) DEFAULT 'N'
);
