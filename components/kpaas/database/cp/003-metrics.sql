-- The last state of clusters and nodes, written by the Metric-API. It looks a row up and updates or inserts it; upstream
-- has no key here, so neither is one unique.
CREATE TABLE IF NOT EXISTS cp_metric_cluster_status (
  cluster_id varchar(255),
  kubelet_version varchar(30),
  node_cnt varchar(10), -- ready ones, a slash, all; so are the other counts
  namespace_cnt varchar(10),
  pv_cnt varchar(10),
  pvc_cnt varchar(10),
  pod_cnt varchar(10),
  cpu_ratio float,
  mem_ratio float,
  update_time varchar(255) NOT NULL,
  KEY cluster (cluster_id)
);

CREATE TABLE IF NOT EXISTS cp_metric_node_status (
  cluster_id varchar(255),
  node_name varchar(255),
  cpu_raw int,
  cpu_ratio float,
  mem_raw int,
  mem_ratio float,
  update_time varchar(255) NOT NULL,
  KEY node (cluster_id, node_name)
);
