-- Stress experiments and what their targets used meanwhile; since v1.6.0.
CREATE TABLE IF NOT EXISTS cp_stress_chaos (
  chaos_id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  chaos_name varchar(100) NOT NULL,
  namespaces varchar(100) NOT NULL,
  creation_time varchar(100) NOT NULL,
  end_time varchar(100) NOT NULL,
  duration varchar(100) NOT NULL
);

CREATE TABLE IF NOT EXISTS cp_chaos_resource (
  resource_id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  chaos_id bigint NOT NULL,
  resource_name varchar(100) NOT NULL,
  type enum('node', 'pod') NOT NULL,
  choice boolean NOT NULL,
  generate_name varchar(100),
  FOREIGN KEY (chaos_id) REFERENCES cp_stress_chaos (chaos_id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS cp_chaos_resource_usage (
  resource_id bigint NOT NULL,
  measurement_time varchar(100) NOT NULL,
  cpu bigint NOT NULL,
  memory bigint NOT NULL,
  app_status boolean,
  PRIMARY KEY (resource_id, measurement_time),
  FOREIGN KEY (resource_id) REFERENCES cp_chaos_resource (resource_id) ON DELETE CASCADE
);
