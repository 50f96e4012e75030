import type * as pulumi from "@pulumi/pulumi";
import type { PostgresEndpoint, RedisEndpoint } from "../contracts";
import type { Resources } from "../kubernetes/pod";
import { httpProbe } from "../kubernetes/probes";
import { type DatabaseFacts, EXPORTER_CONNECTIONS } from "./harbor-core-configuration";
import { JOB_NAMESPACE } from "./harbor-jobservice";
import { HARBOR_USER, harborPorts, METRICS_PORT_NAME, partName, SERVICE_HTTP_PORT } from "./harbor-parts";
import {
  containerPort,
  environment,
  type HarborScope,
  type LogLevel,
  partChecksum,
  partObjectName,
  partSecret,
  partService,
  secretEnvironment,
  trustedCertificates,
} from "./harbor-scope";
import { redisDatabases, redisUrlOf } from "./harbor-wiring";
import { inRhythm, installsCertificates, lateLiveness, partDeployment } from "./harbor-workload";

export interface HarborExporterArgs {
  readonly resources: Resources;
  readonly database: PostgresEndpoint;
  readonly redis: RedisEndpoint;
  /** The database: the exporter gives up on it after a minute. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The exporter's variables that are not secret. */
export function exporterEnvironment(database: Omit<DatabaseFacts, "host">, logLevel: LogLevel) {
  return {
    HARBOR_DATABASE_DBNAME: database.database,
    HARBOR_DATABASE_MAX_IDLE_CONNS: String(EXPORTER_CONNECTIONS),
    HARBOR_DATABASE_MAX_OPEN_CONNS: String(EXPORTER_CONNECTIONS),
    HARBOR_DATABASE_PORT: String(database.port),
    HARBOR_DATABASE_SSLMODE: database.sslmode,
    HARBOR_DATABASE_USERNAME: database.username,
    HARBOR_EXPORTER_CACHE_CLEAN_INTERVAL: "14400",
    HARBOR_EXPORTER_CACHE_TIME: "23",
    HARBOR_EXPORTER_METRICS_ENABLED: "true",
    HARBOR_EXPORTER_METRICS_PATH: "/metrics",
    HARBOR_EXPORTER_PORT: String(harborPorts.metrics),
    HARBOR_METRIC_NAMESPACE: "harbor",
    HARBOR_METRIC_SUBSYSTEM: "exporter",
    HARBOR_REDIS_NAMESPACE: JOB_NAMESPACE,
    HARBOR_REDIS_TIMEOUT: "3600",
    HARBOR_SERVICE_HOST: partName("core"),
    HARBOR_SERVICE_PORT: String(SERVICE_HTTP_PORT),
    HARBOR_SERVICE_SCHEME: "http",
    LOG_LEVEL: logLevel,
  };
}

/** Metrics about projects, quotas and the queue of jobs, from the database and Redis. */
export function harborExporter(scope: HarborScope, args: HarborExporterArgs): void {
  const variables = {
    HARBOR_DATABASE_HOST: args.database.host,
    HARBOR_DATABASE_PASSWORD: args.database.password,
    HARBOR_REDIS_URL: redisUrlOf(args.redis, redisDatabases.jobservice),
  };
  const secret = partSecret(scope, "exporter", variables);
  partService(scope, "exporter", [{ name: METRICS_PORT_NAME, port: harborPorts.metrics }]);
  const certificates = trustedCertificates(scope);
  const page = httpProbe("/", harborPorts.metrics);
  partDeployment(scope, "exporter", {
    replicas: 1,
    user: HARBOR_USER,
    containers: [
      {
        name: "exporter",
        image: scope.images.exporter,
        ports: [containerPort(METRICS_PORT_NAME, harborPorts.metrics)],
        env: [
          ...environment(exporterEnvironment(args.database, scope.logLevel)),
          ...secretEnvironment(partObjectName("exporter"), Object.keys(variables)),
        ],
        resources: args.resources,
        livenessProbe: lateLiveness(page),
        readinessProbe: inRhythm(page, { initialDelay: 30 }),
        volumeMounts: certificates.mounts,
        writableRoot: true,
      },
    ],
    volumes: certificates.volumes,
    annotations: partChecksum(scope, { variables, ...certificates.contents }),
    exceptions: installsCertificates,
    dependsOn: [secret, ...args.dependsOn],
  });
}
