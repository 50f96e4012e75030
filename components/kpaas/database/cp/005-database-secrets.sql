-- Databases whose passwords Vault makes for tenants; since v1.6.0. The application leaves the id at 0: the server counts.
CREATE TABLE IF NOT EXISTS cp_vault_database_secret (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) UNIQUE,
  namespace varchar(255),
  db_type varchar(255) NOT NULL,
  app_name varchar(255),
  app_namespace varchar(255),
  status varchar(255) NOT NULL,
  flag varchar(255) NOT NULL,
  created varchar(255) NOT NULL
);
