import type { OidcClient } from "../contracts";
import { harborPorts } from "./harbor-parts";
import type { LogLevel } from "./harbor-scope";
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
}

/** Core's variables that are neither secret nor known only at run time. */
export function coreEnvironment(facts: CoreEnvironmentFacts): Record<string, string> {
  const { database } = facts;
  return {
    ...internalUrls,
    CHART_CACHE_DRIVER: "redis",
    CONFIG_PATH: corePaths.configuration,
    DATABASE_TYPE: "postgresql",
    EXT_ENDPOINT: facts.externalUrl,
    LOG_LEVEL: facts.logLevel,
    PERMITTED_REGISTRY_TYPES_FOR_PROXY_CACHE:
      "docker-hub,harbor,azure-acr,ali-acr,aws-ecr,google-gcr,docker-registry,github-ghcr,jfrog-artifactory",
    PORT: String(harborPorts.http),
    POSTGRESQL_DATABASE: database.database,
    POSTGRESQL_MAX_IDLE_CONNS: String(Math.min(100, facts.databaseConnections)),
    POSTGRESQL_MAX_OPEN_CONNS: String(facts.databaseConnections),
    POSTGRESQL_PORT: String(database.port),
    POSTGRESQL_SSLMODE: database.sslmode,
    POSTGRESQL_USERNAME: database.username,
    QUOTA_UPDATE_PROVIDER: "db",
    REGISTRY_STORAGE_PROVIDER_NAME: facts.storageDriver,
    WITH_TRIVY: String(facts.trivy),
    ...(facts.metrics && metricsEnvironment("core")),
  };
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
}

export interface OidcFacts extends Omit<OidcLogin, "client"> {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * CONFIG_OVERWRITE_JSON: system settings that win over those of the portal, which shows all of them read-only then. The
 * mode of authentication can only be changed as long as there is no user besides `admin`.
 */
export function configurationOverwrite(oidc: OidcFacts): string {
  return JSON.stringify({
    auth_mode: "oidc_auth",
    oidc_admin_group: oidc.adminGroup ?? "",
    oidc_auto_onboard: oidc.autoOnboard,
    oidc_client_id: oidc.clientId,
    oidc_client_secret: oidc.clientSecret,
    oidc_endpoint: oidc.issuer,
    oidc_groups_claim: oidc.groupsClaim ?? "",
    oidc_name: oidc.name,
    oidc_scope: ["openid", ...oidc.scopes].join(","),
    oidc_user_claim: oidc.userClaim,
    oidc_verify_cert: true,
    project_creation_restriction: "adminonly",
    robot_name_prefix: ROBOT_PREFIX, // pull secrets hold user names that begin with it
    self_registration: false,
  });
}
