-- Who may do what in which service instance.
CREATE TABLE IF NOT EXISTS service_instances (
  id varchar(255) NOT NULL PRIMARY KEY,
  owner varchar(255),
  ci_server_url varchar(255) NOT NULL
);

CREATE TABLE IF NOT EXISTS user (
  id varchar(255) NOT NULL PRIMARY KEY,
  name varchar(255) NOT NULL,
  email varchar(255) NOT NULL,
  company varchar(255) NOT NULL,
  cell_phone varchar(255),
  tell_phone varchar(255),
  description varchar(255),
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_modified timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS authority (
  id varchar(255) NOT NULL PRIMARY KEY,
  description varchar(255),
  display_name varchar(255),
  auth_type varchar(255),
  code varchar(255),
  auth_code varchar(255)
);

CREATE TABLE IF NOT EXISTS instance_use (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  service_instances_id varchar(255) NOT NULL,
  user_id varchar(255) NOT NULL,
  FOREIGN KEY (service_instances_id) REFERENCES service_instances (id),
  FOREIGN KEY (user_id) REFERENCES user (id)
);

CREATE TABLE IF NOT EXISTS granted_authority (
  id varchar(255) NOT NULL PRIMARY KEY,
  instance_use_id bigint,
  authority_id varchar(255) NOT NULL,
  auth_code bigint,
  created timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (instance_use_id) REFERENCES instance_use (id),
  FOREIGN KEY (authority_id) REFERENCES authority (id)
);

CREATE TABLE IF NOT EXISTS audit_history (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  time timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  importance int,
  user_name varchar(255),
  login_type int,
  category1 varchar(255),
  category2 varchar(255),
  action varchar(255),
  description varchar(255)
);

-- The ids are those of upstream: the applications know the codes, rows of existing installations know the ids.
INSERT INTO authority (id, description, display_name, auth_type, code) VALUES
  ('b5307a8b-6e25-47f4-858b-24d32b247404', 'dashboard manager', 'administrator', 'dashboard', 'dashboard.manager'),
  ('f3f5b956-9d24-431a-9ab6-e55864e71179', 'dashboard user', 'user', 'dashboard', 'dashboard.user'),
  ('b996ab40-29f6-4a4b-8439-530b69724247', 'read', 'read', 'pipeline', 'read'),
  ('c10648f2-881a-4b1c-a449-c706734ab668', 'write', 'write', 'pipeline', 'write'),
  ('ed537e6e-2f70-4d8f-a8c9-12b0f8eec09d', 'execute', 'execute', 'pipeline', 'execute')
  ON DUPLICATE KEY UPDATE id = VALUES(id);
