import type { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { PostgresEndpoint, RedisEndpoint } from "../contracts";
import type { Resources } from "../kubernetes/pod";
import { httpProbe } from "../kubernetes/probes";
import {
  configurationOverwrite,
  coreConfiguration,
  coreEnvironment,
  corePaths,
  type HarborTuning,
  type OidcLogin,
} from "./harbor-core-configuration";
import { HARBOR_USER, harborPorts, METRICS_PORT_NAME, SERVICE_HTTP_PORT } from "./harbor-parts";
import {
  containerPort,
  environment,
  fileMount,
  fixedName,
  type HarborScope,
  partChecksum,
  partMetadata,
  partObjectName,
  partSecret,
  partService,
  secretEnvironment,
  trustedCertificates,
} from "./harbor-scope";
import { type HarborSecrets, REGISTRY_USER } from "./harbor-secrets";
import type { HarborSystem } from "./harbor-system";
import { redisDatabases, redisUrlOf } from "./harbor-wiring";
import { type DataLifecycle, inRhythm, installsCertificates, partDeployment } from "./harbor-workload";

const CONFIGURATION_FILE = "app.conf";
const SECRET_KEY_FILE = "secretKey";
const TOKEN_KEY_FILE = "tls.key";

/** End of the name of the Secret with these two files. */
const FILES = "-files";

export interface HarborCoreArgs {
  readonly replicas: number;
  readonly resources: Resources;
  readonly secrets: HarborSecrets;
  readonly lifecycle: DataLifecycle;
  readonly externalUrl: string;
  readonly database: PostgresEndpoint;
  readonly databaseConnections: number;
  readonly redis: RedisEndpoint;
  readonly trivy: boolean;
  readonly storageDriver: "filesystem" | "s3";
  readonly oidc?: OidcLogin | undefined;
  readonly system: HarborSystem;
  readonly tuning: HarborTuning;
  /** Secret whose `ca.crt` people can download in the portal. @default none */
  readonly authoritySecret?: string | undefined;
  /** That Secret; the database and Redis, if they are Harbor's own: core gives up on them after a minute. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The API, the login and the tokens; it also upgrades the database's schema at its start. */
export function harborCore(scope: HarborScope, args: HarborCoreArgs): Deployment {
  const { secrets, database } = args;
  const configuration = coreConfiguration();
  const configMap = new ConfigMap(
    `${scope.name}-core-configuration`,
    { metadata: partMetadata(scope, "core"), data: { [CONFIGURATION_FILE]: configuration } },
    fixedName(scope),
  );
  const variables: Record<string, pulumi.Input<string>> = {
    _REDIS_URL_CORE: redisUrlOf(args.redis, redisDatabases.core, 30),
    _REDIS_URL_REG: redisUrlOf(args.redis, redisDatabases.registry, 30),
    CORE_SECRET: secrets.coreSecret,
    CSRF_KEY: secrets.csrfKey,
    HARBOR_ADMIN_PASSWORD: secrets.administratorPassword,
    JOBSERVICE_SECRET: secrets.jobserviceSecret,
    POSTGRESQL_HOST: database.host,
    POSTGRESQL_PASSWORD: database.password,
    REGISTRY_CREDENTIAL_PASSWORD: secrets.registryPassword,
    REGISTRY_CREDENTIAL_USERNAME: REGISTRY_USER,
    ...(args.oidc !== undefined && { CONFIG_OVERWRITE_JSON: overwriteOf(args.oidc, args.system) }),
  };
  const secret = partSecret(scope, "core", variables);
  // Apart from the variables: the key of the database must not be in the environment.
  const files = { [SECRET_KEY_FILE]: secrets.secretKey, [TOKEN_KEY_FILE]: secrets.tokenKey };
  // It is guarded like the database: what is encrypted there has to stay readable.
  const { protectData: protect, retainData: retainOnDelete } = args.lifecycle;
  const fileSecret = partSecret(scope, "core", files, { suffix: FILES, options: { protect, retainOnDelete } });
  const { metrics } = scope;
  partService(scope, "core", [
    { name: "http-web", port: SERVICE_HTTP_PORT, target: harborPorts.http },
    ...(metrics ? [{ name: METRICS_PORT_NAME, port: harborPorts.metrics }] : []),
  ]);
  const certificates = trustedCertificates(scope);
  const ping = httpProbe("/api/v2.0/ping", harborPorts.http);
  return partDeployment(scope, "core", {
    replicas: args.replicas,
    user: HARBOR_USER,
    containers: [
      {
        name: "core",
        image: scope.images.core,
        ports: [
          containerPort("http", harborPorts.http),
          ...(metrics ? [containerPort(METRICS_PORT_NAME, harborPorts.metrics)] : []),
        ],
        env: [
          ...environment({
            ...coreEnvironment({ ...args, logLevel: scope.logLevel, metrics }),
            ...scope.proxyEnvironment,
          }),
          ...secretEnvironment(partObjectName("core"), Object.keys(variables)),
        ],
        resources: args.resources,
        // An upgrade of the database's schema may take long and must not be interrupted.
        startupProbe: inRhythm(ping, { initialDelay: 10, failures: 360 }),
        livenessProbe: inRhythm(ping, { initialDelay: 0, failures: 2 }),
        readinessProbe: inRhythm(ping, { initialDelay: 0, failures: 2 }),
        volumeMounts: [
          fileMount("configuration", corePaths.configuration, CONFIGURATION_FILE),
          fileMount("keys", corePaths.secretKey, "key"),
          fileMount("keys", corePaths.tokenKey, TOKEN_KEY_FILE),
          ...(args.authoritySecret === undefined
            ? []
            : [{ name: "authority", mountPath: corePaths.authority, readOnly: true }]),
          ...certificates.mounts,
        ],
        writable: [corePaths.tokens],
        writableRoot: true,
      },
    ],
    volumes: [
      { name: "configuration", configMap: { name: partObjectName("core") } },
      {
        name: "keys",
        secret: {
          secretName: partObjectName("core", FILES),
          items: [
            { key: SECRET_KEY_FILE, path: "key" },
            { key: TOKEN_KEY_FILE, path: TOKEN_KEY_FILE },
          ],
        },
      },
      ...(args.authoritySecret === undefined
        ? []
        : [
            {
              name: "authority",
              secret: { secretName: args.authoritySecret, items: [{ key: "ca.crt", path: "ca.crt" }] },
            },
          ]),
      ...certificates.volumes,
    ],
    annotations: partChecksum(scope, { configuration, variables, files, ...certificates.contents }),
    exceptions: installsCertificates,
    terminationGraceSeconds: 120,
    startMinutes: 60,
    dependsOn: [configMap, secret, fileSecret, ...args.dependsOn],
  });
}

function overwriteOf(oidc: OidcLogin, system: HarborSystem): pulumi.Output<string> {
  const { client, ...login } = oidc;
  return pulumi.secret(
    pulumi
      .all([client.issuer, client.clientSecret])
      .apply(([issuer, clientSecret]) =>
        configurationOverwrite({ ...login, issuer, clientId: client.clientId, clientSecret }, system),
      ),
  );
}
