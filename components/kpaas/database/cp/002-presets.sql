-- Limits and quotas that the portal offers for a namespace. `-` is what the portal shows for "none".
CREATE TABLE IF NOT EXISTS cp_limit_ranges (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255),
  type varchar(255),
  resource varchar(255),
  min varchar(255),
  max varchar(255),
  default_request varchar(255),
  default_limit varchar(255),
  created varchar(255) NOT NULL
);

CREATE TABLE IF NOT EXISTS cp_resource_quotas (
  id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255),
  request_cpu varchar(255),
  request_memory varchar(255),
  limit_cpu varchar(255),
  limit_memory varchar(255),
  status varchar(255),
  created varchar(255) NOT NULL
);

SET @now = DATE_FORMAT(NOW(), '%Y-%m-%d %T');

INSERT INTO cp_limit_ranges (id, name, type, resource, min, max, default_request, default_limit, created) VALUES
  (1, 'cp-low-limitrange', 'Container', 'cpu', '-', '-', '-', '100m', @now),
  (2, 'cp-low-limitrange', 'Container', 'memory', '-', '-', '-', '500Mi', @now),
  (3, 'cp-medium-limitrange', 'Container', 'cpu', '-', '-', '-', '300m', @now),
  (4, 'cp-medium-limitrange', 'Container', 'memory', '-', '-', '-', '1500Mi', @now),
  (5, 'cp-high-limitrange', 'Container', 'cpu', '-', '-', '-', '900m', @now),
  (6, 'cp-high-limitrange', 'Container', 'memory', '-', '-', '-', '3Gi', @now)
  ON DUPLICATE KEY UPDATE id = VALUES(id);

INSERT INTO cp_resource_quotas (id, name, request_cpu, request_memory, limit_cpu, limit_memory, status, created) VALUES
  (1, 'cp-low-resourcequota', '-', '-', '2', '2Gi',
   '{"cpu":{"used":"0","hard":"2"},"memory":{"used":"0","hard":"2Gi"}}', @now),
  (2, 'cp-medium-resourcequota', '-', '-', '4', '6Gi',
   '{"cpu":{"used":"0","hard":"4"},"memory":{"used":"0","hard":"6Gi"}}', @now),
  (3, 'cp-high-resourcequota', '-', '-', '8', '12Gi',
   '{"cpu":{"used":"0","hard":"8"},"memory":{"used":"0","hard":"12Gi"}}', @now)
  ON DUPLICATE KEY UPDATE id = VALUES(id);
