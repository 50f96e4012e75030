import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { RedisEndpoint } from "../contracts";
import type { Resources } from "../kubernetes/pod";
import { httpProbe } from "../kubernetes/probes";
import { type ClaimFacts, dataClaim } from "./harbor-claim";
import { cacheEnvironment, metricsEnvironment } from "./harbor-core-configuration";
import { HARBOR_USER, harborPorts, METRICS_PORT_NAME, SERVICE_HTTP_PORT } from "./harbor-parts";
import {
  containerPort,
  environment,
  fileMount,
  fixedName,
  type HarborScope,
  type LogLevel,
  partChecksum,
  partMetadata,
  partObjectName,
  partSecret,
  partService,
  secretEnvironment,
  trustedCertificates,
} from "./harbor-scope";
import { type HarborSecrets, REGISTRY_USER } from "./harbor-secrets";
import { internalUrls, redisDatabases, redisUrlOf } from "./harbor-wiring";
import { type DataLifecycle, inRhythm, installsCertificates, lateLiveness, partDeployment } from "./harbor-workload";

const CONFIGURATION_FILE = "config.yml";
const LOG_DIRECTORY = "/var/log/jobs";

/** Prefix of the job service's keys in Redis; the exporter reads them, too. */
export const JOB_NAMESPACE = "harbor_job_service_namespace";

/** Where the logs of jobs (scans, replications, garbage collection) are kept. */
export type JobLogs =
  /** As files on a volume; several pods need one that all of them can mount. */
  | ({ readonly type: "volume" } & ClaimFacts)
  /** In Harbor's database. */
  | { readonly type: "database" };

export interface HarborJobserviceArgs {
  readonly replicas: number;
  /** Jobs that one pod runs at a time. @default 10 */
  readonly workers: number;
  readonly logs: JobLogs;
  readonly resources: Resources;
  readonly lifecycle: DataLifecycle;
  readonly secrets: HarborSecrets;
  readonly redis: RedisEndpoint;
  /** Core keeps what is asked for often in Redis, for so many hours; what jobs change is forgotten there. */
  readonly cacheHours?: number | undefined;
  /** Core: the job service asks it for the rest of its configuration and gives up after five times. */
  readonly dependsOn: readonly pulumi.Resource[];
}

export interface JobserviceConfigurationFacts {
  readonly workers: number;
  readonly logs: JobLogs["type"];
  readonly logLevel: LogLevel;
  readonly metrics: boolean;
}

/** `config.yml`. The URL of Redis, which may hold a password, comes from the variable JOB_SERVICE_POOL_REDIS_URL. */
export function jobserviceConfiguration({ workers, logs, logLevel, metrics }: JobserviceConfigurationFacts): string {
  const level = logLevel.toUpperCase();
  const keepDays = 14;
  const jobLogger =
    logs === "volume"
      ? {
          name: "FILE",
          level,
          settings: { base_dir: LOG_DIRECTORY },
          sweeper: { duration: keepDays, settings: { work_dir: LOG_DIRECTORY } },
        }
      : { name: "DB", level, sweeper: { duration: keepDays } };
  return stringify({
    protocol: "http",
    port: harborPorts.http,
    worker_pool: {
      workers,
      backend: "redis",
      redis_pool: { namespace: JOB_NAMESPACE, idle_timeout_second: 3600 },
    },
    job_loggers: [jobLogger],
    loggers: [{ name: "STD_OUTPUT", level }],
    metric: { enabled: metrics, path: "/metrics", port: harborPorts.metrics },
    // Tasks that nobody reported about for so long are given up.
    reaper: { max_update_hours: 24, max_dangling_hours: 168 },
  });
}

/** The job service's variables that are not secret. */
function jobserviceEnvironment(logLevel: LogLevel, metrics: boolean, cacheHours?: number): Record<string, string> {
  const { CORE_URL, TOKEN_SERVICE_URL, REGISTRY_URL, REGISTRY_CONTROLLER_URL } = internalUrls;
  return {
    CORE_URL,
    TOKEN_SERVICE_URL,
    REGISTRY_URL,
    REGISTRY_CONTROLLER_URL,
    ...cacheEnvironment(cacheHours),
    JOBSERVICE_WEBHOOK_JOB_HTTP_CLIENT_TIMEOUT: "3",
    JOBSERVICE_WEBHOOK_JOB_MAX_RETRY: "3",
    LOG_LEVEL: logLevel,
    REGISTRY_HTTP_CLIENT_TIMEOUT: "30",
    ...(metrics && metricsEnvironment("jobservice")),
  };
}

/** Runs what takes long: scans, garbage collection, replication, retention. */
export function harborJobservice(scope: HarborScope, args: HarborJobserviceArgs): void {
  const { secrets, logs } = args;
  const { metrics, logLevel } = scope;
  const configuration = jobserviceConfiguration({ workers: args.workers, logs: logs.type, logLevel, metrics });
  const configMap = new ConfigMap(
    `${scope.name}-jobservice-configuration`,
    { metadata: partMetadata(scope, "jobservice"), data: { [CONFIGURATION_FILE]: configuration } },
    fixedName(scope),
  );
  const variables: Record<string, pulumi.Input<string>> = {
    CORE_SECRET: secrets.coreSecret,
    JOB_SERVICE_POOL_REDIS_URL: redisUrlOf(args.redis, redisDatabases.jobservice),
    JOBSERVICE_SECRET: secrets.jobserviceSecret,
    REGISTRY_CREDENTIAL_PASSWORD: secrets.registryPassword,
    REGISTRY_CREDENTIAL_USERNAME: REGISTRY_USER,
  };
  const secret = partSecret(scope, "jobservice", variables);
  const claim = logs.type === "volume" ? dataClaim(scope, "jobservice", logs, args.lifecycle) : undefined;
  partService(scope, "jobservice", [
    { name: "http-jobservice", port: SERVICE_HTTP_PORT, target: harborPorts.http },
    ...(metrics ? [{ name: METRICS_PORT_NAME, port: harborPorts.metrics }] : []),
  ]);
  const certificates = trustedCertificates(scope);
  const stats = httpProbe("/api/v1/stats", harborPorts.http);
  partDeployment(scope, "jobservice", {
    replicas: args.replicas,
    user: HARBOR_USER,
    containers: [
      {
        name: "jobservice",
        image: scope.images.jobservice,
        ports: [
          containerPort("http", harborPorts.http),
          ...(metrics ? [containerPort(METRICS_PORT_NAME, harborPorts.metrics)] : []),
        ],
        env: [
          ...environment({ ...jobserviceEnvironment(logLevel, metrics, args.cacheHours), ...scope.proxyEnvironment }),
          ...secretEnvironment(partObjectName("jobservice"), Object.keys(variables)),
        ],
        resources: args.resources,
        livenessProbe: lateLiveness(stats),
        readinessProbe: inRhythm(stats, { initialDelay: 20 }),
        volumeMounts: [
          fileMount("configuration", "/etc/jobservice/config.yml", CONFIGURATION_FILE),
          { name: "job-logs", mountPath: LOG_DIRECTORY },
          ...certificates.mounts,
        ],
        writableRoot: true,
      },
    ],
    volumes: [
      { name: "configuration", configMap: { name: partObjectName("jobservice") } },
      {
        name: "job-logs",
        ...(claim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: claim.metadata.name } }),
      },
      ...certificates.volumes,
    ],
    annotations: partChecksum(scope, { configuration, variables, ...certificates.contents }),
    exceptions: installsCertificates,
    terminationGraceSeconds: 120,
    recreate: logs.type === "volume" && logs.accessMode === "ReadWriteOnce",
    dependsOn: [configMap, secret, ...args.dependsOn],
  });
}
