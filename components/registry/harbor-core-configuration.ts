import type { OidcClient } from "../contracts";
import { harborPorts } from "./harbor-parts";
import type { LogLevel } from "./harbor-scope";
import { type HarborSystem, systemConfiguration } from "./harbor-system";
import { internalUrls } from "./harbor-wiring";
import { ROBOT_PREFIX } from "./registry-login";

/** Where core finds its files. */
export const corePaths = {
  configuration: "/etc/core/app.conf",
  secretKey: "/etc/core/key",
  tokenKey: "/etc/core/private_key.pem",
  tokens: "/etc/core/token",
  authority: "/etc/core/ca",
} as const;

/** `app.conf`, an INI file. */
export function coreConfiguration(): string {
  return [
    "appname = Harbor",
    "runmode = prod",
    "enablegzip = true",
    "",
    "[prod]",
    `httpport = ${harborPorts.http}`,
    "",
  ].join("\n");
}

/** How core and the exporter reach the database. */
export interface DatabaseFacts {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly database: string;
  /** In libpq's words. */
  readonly sslmode: string;
}

export interface CoreEnvironmentFacts {
  /** What people and clients type, without a slash at the end. */
  readonly externalUrl: string;
  readonly logLevel: LogLevel;
  readonly metrics: boolean;
  readonly trivy: boolean;
  /** Name of the registry's storage driver. */
  readonly storageDriver: "filesystem" | "s3";
  readonly database: Omit<DatabaseFacts, "host">;
  /** Connections to the database that one pod may open. */
  readonly databaseConnections: number;
  readonly tuning: HarborTuning;
}

/** Kinds of registries, under Harbor's names. Those that it can replicate with, and those that it can stand before. */
export const registryKinds = {
  replication: [
    "ali-acr",
    "aws-ecr",
    "azure-acr",
    "docker-hub",
    "docker-registry",
    "github-ghcr",
    "google-gcr",
    "harbor",
    "huawei-SWR",
    "jfrog-artifactory",
    "tencent-tcr",
    "volcengine-cr",
  ],
  proxyCache: [
    "docker-hub",
    "harbor",
    "azure-acr",
    "ali-acr",
    "aws-ecr",
    "google-gcr",
    "docker-registry",
    "github-ghcr",
    "jfrog-artifactory",
  ],
} as const;

export type ReplicationKind = (typeof registryKinds.replication)[number];
export type ProxyCacheKind = (typeof registryKinds.proxyCache)[number];

/** How core works, beyond what its surroundings decide. */
export interface HarborTuning {
  /** Registries that people may replicate with. Since 2.14 none where the list is empty. */
  readonly replicationKinds: readonly ReplicationKind[];
  /** Registries that projects may stand before as a cache. */
  readonly proxyCacheKinds: readonly ProxyCacheKind[];
  /** Keep what is asked for often in Redis, for so many hours. @default not kept */
  readonly cacheHours?: number | undefined;
  /** Who counts what projects use while many push at once. */
  readonly quotaUpdates: "db" | "redis";
  /** Uploads younger than this are left alone by garbage collection. @default Harbor's own 2 */
  readonly garbageWindowHours?: number | undefined;
  /** Pulls are counted in the database only so often. @default Harbor's own 10 */
  readonly pullFlushSeconds?: number | undefined;
  /** Forget the names of users that are deleted, in the tables of users and in the audit log. */
  readonly forgetUsers: { readonly accounts: boolean; readonly auditLog: boolean };
}

/** Core's variables that are neither secret nor known only at run time. */
export function coreEnvironment(facts: CoreEnvironmentFacts): Record<string, string> {
  const { database, tuning } = facts;
  return {
    ...internalUrls,
    ...(tuning.pullFlushSeconds !== undefined && {
      ARTIFACT_PULL_ASYNC_FLUSH_DURATION: String(tuning.pullFlushSeconds),
    }),
    ...cacheEnvironment(tuning.cacheHours),
    CHART_CACHE_DRIVER: "redis",
    CONFIG_PATH: corePaths.configuration,
    DATABASE_TYPE: "postgresql",
    EXT_ENDPOINT: facts.externalUrl,
    ...(tuning.garbageWindowHours !== undefined && { GC_TIME_WINDOW_HOURS: String(tuning.garbageWindowHours) }),
    ...(tuning.forgetUsers.auditLog && { GDPR_AUDIT_LOGS: "true" }),
    ...(tuning.forgetUsers.accounts && { GDPR_DELETE_USER: "true" }),
    LOG_LEVEL: facts.logLevel,
    PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE: tuning.proxyCacheKinds.join(","),
    PORT: String(harborPorts.http),
    POSTGRESQL_DATABASE: database.database,
    POSTGRESQL_MAX_IDLE_CONNS: String(Math.min(100, facts.databaseConnections)),
    POSTGRESQL_MAX_OPEN_CONNS: String(facts.databaseConnections),
    POSTGRESQL_PORT: String(database.port),
    POSTGRESQL_SSLMODE: database.sslmode,
    POSTGRESQL_USERNAME: database.username,
    QUOTA_UPDATE_PROVIDER: tuning.quotaUpdates,
    REGISTRY_STORAGE_PROVIDER_NAME: facts.storageDriver,
    REPLICATION_ADAPTER_WHITELIST: tuning.replicationKinds.join(","),
    WITH_TRIVY: String(facts.trivy),
    ...(facts.metrics && metricsEnvironment("core")),
  };
}

/** The variables of core and the job service that switch the cache in Redis on. */
export function cacheEnvironment(hours: number | undefined): Record<string, string> {
  return hours === undefined ? {} : { CACHE_ENABLED: "true", CACHE_EXPIRE_HOURS: String(hours) };
}

/** The variables of core and the job service that switch their metrics on. */
export function metricsEnvironment(subsystem: "core" | "jobservice"): Record<string, string> {
  return {
    METRIC_ENABLE: "true",
    METRIC_NAMESPACE: "harbor",
    METRIC_PATH: "/metrics",
    METRIC_PORT: String(harborPorts.metrics),
    METRIC_SUBSYSTEM: subsystem,
  };
}

/** Connections of the exporter: it asks a few counts every 23 seconds. */
export const EXPORTER_CONNECTIONS = 20;

/** Connections that stay free for people, backups and the server itself. */
const RESERVED_CONNECTIONS = 24;

/** Upstream's own limit for one pod. */
const MOST_CONNECTIONS = 900;

/** Pods that a part may have while a new version rolls out: Kubernetes adds a quarter, rounded up. */
export function podsDuringUpdate(replicas: number): number {
  return replicas + Math.ceil(replicas / 4);
}

/**
 * Connections that each pod of core, and of the job service, which asks core for the number, may open so that all of
 * them together stay below what the server allows.
 */
export function connectionsPerPod(serverConnections: number, pods: number, exporter: boolean): number {
  const free = serverConnections - RESERVED_CONNECTIONS - (exporter ? EXPORTER_CONNECTIONS : 0);
  return Math.max(1, Math.min(MOST_CONNECTIONS, Math.floor(free / pods)));
}

/** How people log in through an OpenID Connect provider. */
export interface OidcLogin {
  readonly client: OidcClient;
  /** Name of the provider on the login page. */
  readonly name: string;
  /** Claim that holds the user name. */
  readonly userClaim: string;
  /** Claim that holds the groups. @default groups are not used */
  readonly groupsClaim?: string | undefined;
  /** Members of this group are administrators. @default nobody but `admin` */
  readonly adminGroup?: string | undefined;
  /** Further scopes besides `openid`. */
  readonly scopes: readonly string[];
  /** Take the user name from the claim at the first login, instead of asking for one. */
  readonly autoOnboard: boolean;
  /** Only groups whose names match become groups of Harbor, a regular expression. @default all */
  readonly groupFilter?: string | undefined;
  /** Who logs out of Harbor is logged out of the provider, too. */
  readonly logout: boolean;
  /** Further parameters of the provider's login page. */
  readonly loginParameters: Readonly<Record<string, string>>;
}

export interface OidcFacts extends Omit<OidcLogin, "client"> {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * CONFIG_OVERWRITE_JSON: system settings that win over those of the portal, which shows all of them read-only then, so
 * everything that people would change there comes from the settings. The mode of authentication can only be changed as
 * long as there is no user besides `admin`.
 */
export function configurationOverwrite(oidc: OidcFacts, system: HarborSystem = {}): string {
  return JSON.stringify({
    ...systemConfiguration(system),
    auth_mode: "oidc_auth",
    oidc_admin_group: oidc.adminGroup ?? "",
    oidc_auto_onboard: oidc.autoOnboard,
    oidc_client_id: oidc.clientId,
    oidc_client_secret: oidc.clientSecret,
    oidc_endpoint: oidc.issuer,
    oidc_extra_redirect_parms: oidc.loginParameters,
    oidc_group_filter: oidc.groupFilter ?? "",
    oidc_groups_claim: oidc.groupsClaim ?? "",
    oidc_logout: oidc.logout,
    oidc_name: oidc.name,
    oidc_scope: ["openid", ...oidc.scopes].join(","),
    oidc_user_claim: oidc.userClaim,
    oidc_verify_cert: true,
    robot_name_prefix: ROBOT_PREFIX, // pull secrets hold user names that begin with it
    self_registration: false, // accounts come from the provider
  });
}
