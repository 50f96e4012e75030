-- What the Config-Server serves.
CREATE TABLE IF NOT EXISTS properties (
  service_instance varchar(200) NOT NULL,
  label varchar(100) NOT NULL, -- project
  application varchar(100) NOT NULL,
  profile varchar(20) NOT NULL,
  `key` varchar(255) NOT NULL,
  value varchar(3000),
  PRIMARY KEY (service_instance, label, application, profile, `key`)
);
