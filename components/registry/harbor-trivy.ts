import type * as pulumi from "@pulumi/pulumi";
import type { RedisEndpoint } from "../contracts";
import type { Resources } from "../kubernetes/pod";
import { httpProbe } from "../kubernetes/probes";
import { HARBOR_USER, harborPorts } from "./harbor-parts";
import {
  containerPort,
  environment,
  type HarborScope,
  type LogLevel,
  partChecksum,
  partObjectName,
  partSecret,
  partService,
  trustedCertificates,
} from "./harbor-scope";
import { redisDatabases, redisUrlOf } from "./harbor-wiring";
import { type DataLifecycle, inRhythm, installsCertificates, type PartClaim, partStatefulSet } from "./harbor-workload";

const CLAIM = "data";
const CACHE_DIRECTORY = "/home/scanner/.cache";
const PORT_NAME = "api-server";
const REDIS_KEY = "redisURL";
const GITHUB_KEY = "gitHubToken";

export interface TrivyOptions {
  /** Do not download databases: somebody puts them into the volume. */
  readonly offline: boolean;
  /** Leave out what has no fix yet. */
  readonly ignoreUnfixed: boolean;
  /** Longest time for one scan, as Go writes durations. */
  readonly timeout: string;
}

export interface HarborTrivyArgs extends TrivyOptions {
  readonly replicas: number;
  readonly resources: Resources;
  readonly storage: Omit<PartClaim, "name">;
  readonly lifecycle: DataLifecycle;
  readonly redis: RedisEndpoint;
  /** Secret. Raises the number of downloads that GitHub allows. @default none */
  readonly githubToken?: pulumi.Input<string> | undefined;
}

/** The scanner's variables that are not secret. */
export function trivyEnvironment({ offline, ignoreUnfixed, timeout }: TrivyOptions, logLevel: LogLevel) {
  return {
    SCANNER_API_SERVER_ADDR: `:${harborPorts.http}`,
    SCANNER_LOG_LEVEL: logLevel,
    SCANNER_TRIVY_CACHE_DIR: `${CACHE_DIRECTORY}/trivy`,
    SCANNER_TRIVY_DB_REPOSITORY: "mirror.gcr.io/aquasec/trivy-db,ghcr.io/aquasecurity/trivy-db",
    SCANNER_TRIVY_DEBUG_MODE: "false",
    SCANNER_TRIVY_IGNORE_UNFIXED: String(ignoreUnfixed),
    SCANNER_TRIVY_INSECURE: "false",
    SCANNER_TRIVY_JAVA_DB_REPOSITORY: "mirror.gcr.io/aquasec/trivy-java-db,ghcr.io/aquasecurity/trivy-java-db",
    SCANNER_TRIVY_OFFLINE_SCAN: String(offline),
    SCANNER_TRIVY_REPORTS_DIR: `${CACHE_DIRECTORY}/reports`,
    SCANNER_TRIVY_SECURITY_CHECKS: "vuln",
    SCANNER_TRIVY_SEVERITY: "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
    SCANNER_TRIVY_SKIP_JAVA_DB_UPDATE: String(offline),
    SCANNER_TRIVY_SKIP_UPDATE: String(offline),
    SCANNER_TRIVY_TIMEOUT: timeout,
    SCANNER_TRIVY_VULN_TYPE: "os,library",
  };
}

/** The vulnerability scanner. Each pod has a copy of the databases of its own. */
export function harborTrivy(scope: HarborScope, args: HarborTrivyArgs): void {
  const secrets: Record<string, pulumi.Input<string>> = {
    [REDIS_KEY]: redisUrlOf(args.redis, redisDatabases.trivy, 30),
    [GITHUB_KEY]: args.githubToken ?? "",
  };
  const secret = partSecret(scope, "trivy", secrets);
  const fromSecret = (name: string, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: partObjectName("trivy"), key } },
  });
  const service = partService(scope, "trivy", [{ name: "http-trivy", port: harborPorts.http }]);
  const certificates = trustedCertificates(scope);
  const plain = { ...trivyEnvironment(args, scope.logLevel), ...scope.proxyEnvironment };
  partStatefulSet(scope, "trivy", {
    replicas: args.replicas,
    user: HARBOR_USER,
    containers: [
      {
        name: "trivy",
        image: scope.images.trivy,
        ports: [containerPort(PORT_NAME, harborPorts.http)],
        env: [
          ...environment(plain),
          fromSecret("SCANNER_JOB_QUEUE_REDIS_URL", REDIS_KEY),
          fromSecret("SCANNER_REDIS_URL", REDIS_KEY),
          fromSecret("SCANNER_STORE_REDIS_URL", REDIS_KEY),
          fromSecret("SCANNER_TRIVY_GITHUB_TOKEN", GITHUB_KEY),
        ],
        resources: args.resources,
        livenessProbe: inRhythm(httpProbe("/probe/healthy", PORT_NAME), { initialDelay: 5, failures: 10 }),
        readinessProbe: inRhythm(httpProbe("/probe/ready", PORT_NAME), { initialDelay: 5 }),
        volumeMounts: [{ name: CLAIM, mountPath: CACHE_DIRECTORY }, ...certificates.mounts],
        writableRoot: true,
      },
    ],
    volumes: certificates.volumes,
    annotations: partChecksum(scope, { secrets, ...certificates.contents }),
    exceptions: installsCertificates,
    claim: { ...args.storage, name: CLAIM },
    lifecycle: args.lifecycle,
    dependsOn: [secret, service],
  });
}
