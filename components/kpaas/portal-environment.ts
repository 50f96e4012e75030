import type { PortalApplication } from "./portal-applications";
import type { SourceKind, VariableTable } from "./suite-environment";

/** Where the values of the suite's variables come from, and how they reach the applications. */
export const portalSources = {
  "broker.password": "secret",
  "chaos.dashboardUrl": "shared",
  "chaosCollector.password": "secret",
  "chaosCollector.url": "shared",
  "charts.certificate": "shared",
  "charts.name": "shared",
  "charts.password": "secret",
  "charts.url": "shared",
  "charts.username": "shared",
  "cluster.apiServer": "shared",
  "cluster.masterAddress": "shared",
  "commonApi.password": "secret",
  "commonApi.url": "shared",
  "database.address": "shared",
  "database.password": "secret",
  "database.username": "own",
  "jwt.key": "secret",
  "keycloak.administratorPassword": "secret",
  "keycloak.administratorUsername": "secret",
  "keycloak.clientId": "shared",
  "keycloak.clientSecret": "secret",
  "keycloak.realm": "shared",
  "keycloak.realmId": "shared",
  "keycloak.schema": "shared",
  "keycloak.url": "shared",
  "metricApi.url": "shared",
  "namespaces.hidden": "shared",
  "portalApi.publicUrl": "shared",
  "portalApi.url": "shared",
  "portalCatalog.publicUrl": "shared",
  "portalChaos.publicUrl": "shared",
  "portalUi.publicUrl": "shared",
  "repository.url": "shared",
  "terraman.password": "secret",
  "terraman.url": "shared",
  "vault.host": "shared",
  "vault.port": "shared",
  "vault.roleId": "secret",
  "vault.roleName": "own",
  "vault.scheme": "shared",
  "vault.secretId": "secret",
  "vault.url": "shared",
} as const satisfies Readonly<Record<string, SourceKind>>;

export type PortalSource = keyof typeof portalSources;

type SourceOf<Kind extends SourceKind> = {
  [Source in PortalSource]: (typeof portalSources)[Source] extends Kind ? Source : never;
}[PortalSource];

/** Values that are the same for every application of the suite, no secrets. */
export type SharedSource = SourceOf<"shared">;

/** Secrets; each application gets those that its table names and no others. */
export type SecretSource = SourceOf<"secret">;

/** Variables of one application. */
export type EnvironmentTable = VariableTable<PortalSource>;

/** What the portal's applications of one release are told, and how they are asked for their health. */
export interface PortalProfile {
  /** `actuator`: HTTP paths that answer without a login. `tcp`: the images have none, the open port has to do. */
  readonly probes: "tcp" | "actuator";
  /** The applications that the release has, with their variables. */
  readonly environment: Readonly<Partial<Record<PortalApplication, EnvironmentTable>>>;
  /**
   * Variables that replace logins and keys which are compiled into the images. Spring reads them in place of the
   * property of the same name; an image that does not would refuse its callers, so they can be switched off.
   */
  readonly credentials: Readonly<Partial<Record<PortalApplication, EnvironmentTable>>>;
  /** Applications that those of this release call besides what all releases do. */
  readonly calls: Readonly<Partial<Record<PortalApplication, readonly PortalApplication[]>>>;
  /** Name of the file that Terraman takes the key of the node from. */
  readonly terramanKeyFile: string;
  /** Common-API opens the broker's schema even where no broker is installed. */
  readonly commonApiNeedsBrokerSchema: boolean;
}

/** User name that the applications expect of each other. */
const INTERNAL_USER = { constant: "admin" };

const databaseLogin = {
  DATABASE_URL: "database.address",
  DATABASE_USER_ID: "database.username",
  DATABASE_USER_PASSWORD: "database.password",
} as const;

const vaultRole = {
  // The images say http; with an address in parts this is the only way to say https.
  SPRING_CLOUD_VAULT_SCHEME: "vault.scheme",
  VAULT_ROLE_ID: "vault.roleId",
  VAULT_ROLE_NAME: "vault.roleName",
  VAULT_SECRET_ID: "vault.secretId",
} as const;

const vaultByAddress = { VAULT_IP: "vault.host", VAULT_PORT: "vault.port" } as const;
const vaultByUrl = { VAULT_URL: "vault.url" } as const;

const metricApi = {
  DATABASE_NAME: { constant: "cp" },
  DATABASE_TERRAMAN_ID: "database.username",
  DATABASE_TERRAMAN_PASSWORD: "database.password",
  DATABASE_URL: "database.address",
  PROFILE: { constant: "prod" },
  VAULT_ROLE_ID: "vault.roleId",
  VAULT_SECRET_ID: "vault.secretId",
} as const;

const browserClient = {
  CP_PORTAL_API_URI: "portalApi.publicUrl",
  KEYCLOAK_CP_CLIENT_ID: "keycloak.clientId",
  KEYCLOAK_CP_CLIENT_SECRET: "keycloak.clientSecret",
  KEYCLOAK_CP_REALM: "keycloak.realm",
  KEYCLOAK_URI: "keycloak.url",
  REPOSITORY_URL: "repository.url",
} as const;

const serviceBroker = {
  ...databaseLogin,
  CP_PORTAL_UI_URI: "portalUi.publicUrl",
  KEYCLOAK_ADMIN_PASSWORD: "keycloak.administratorPassword",
  KEYCLOAK_ADMIN_USERNAME: "keycloak.administratorUsername",
  KEYCLOAK_CP_REALM: "keycloak.realm",
  KEYCLOAK_URI: "keycloak.url",
} as const;

const ownLogin = (password: SecretSource): EnvironmentTable => ({
  SPRING_SECURITY_PASSWORD: password,
  SPRING_SECURITY_USERNAME: INTERNAL_USER,
});

const loginAt = (prefix: string, password: SecretSource): EnvironmentTable => ({
  [`${prefix}_AUTHORIZATION_ID`]: INTERNAL_USER,
  [`${prefix}_AUTHORIZATION_PASSWORD`]: password,
});

/** Replaces the list compiled into the image by one that also has the namespaces of this stack. */
const namespaces = { CPNAMESPACE_EXCEPTNAMESPACE: "namespaces.hidden" } as const;

/** The broker writes the property `cp.common-api`, unlike the others, and asks callers for the login `auth`. */
const brokerCredentials: EnvironmentTable = {
  AUTH_ID: INTERNAL_USER,
  AUTH_PASSWORD: "broker.password",
  CP_COMMON_API_ID: INTERNAL_USER,
  CP_COMMON_API_PASSWORD: "commonApi.password",
};

const loginAtCommonApi = loginAt("COMMONAPI", "commonApi.password");

export const portalV141: PortalProfile = {
  probes: "tcp",
  environment: {
    "cp-portal-api": {
      ...namespaces,
      ...vaultByAddress,
      ...vaultRole,
      CP_PORTAL_COMMON_API_DNS: "commonApi.url",
      CP_PORTAL_METRIC_COLLECTOR_API_URI: "metricApi.url",
      CP_PORTAL_TERRAMAN_API_URI: "terraman.url",
      K8S_API_SERVER: "cluster.apiServer",
    },
    "cp-portal-common-api": {
      ...databaseLogin,
      CP_PORTAL_API_DNS: "portalApi.url",
      KEYCLOAK_CP_REALM: "keycloak.realm",
      KEYCLOAK_DB_SCHEMA: "keycloak.schema",
    },
    "cp-portal-metric-api": { ...metricApi, ...vaultByAddress },
    "cp-portal-service-broker": { ...serviceBroker, CP_PORTAL_COMMON_API_DNS: "commonApi.url" },
    "cp-portal-terraman": {
      ...databaseLogin,
      ...vaultByAddress,
      ...vaultRole,
      K8S_MASTER_NODE_IP: "cluster.masterAddress",
    },
    "cp-portal-ui": { ...browserClient, CP_PORTAL_COMMON_API_URI: "commonApi.url" },
  },
  credentials: {
    "cp-portal-api": { ...loginAtCommonApi, JWT_SECRET: "jwt.key" },
    "cp-portal-common-api": ownLogin("commonApi.password"),
    "cp-portal-service-broker": brokerCredentials,
    "cp-portal-ui": loginAtCommonApi,
  },
  calls: {
    "cp-portal-common-api": ["cp-portal-api"],
    "cp-portal-ui": ["cp-portal-api", "cp-portal-common-api"],
  },
  terramanKeyFile: "paasta-master-key",
  commonApiNeedsBrokerSchema: true,
};

export const portalV160: PortalProfile = {
  probes: "actuator",
  environment: {
    "cp-portal-api": {
      ...namespaces,
      ...vaultByUrl,
      ...vaultRole,
      CP_PORTAL_COMMON_API_URI: "commonApi.url",
      CP_PORTAL_METRIC_COLLECTOR_API_URI: "metricApi.url",
      CP_PORTAL_TERRAMAN_API_URI: "terraman.url",
    },
    "cp-portal-catalog-api": {
      ...vaultByUrl,
      ...vaultRole,
      HELM_REPO_CA: { constant: "/home/1000/helm/cert" },
      HELM_REPO_CACHE: { constant: "/home/1000/helm/cache" },
      HELM_REPO_CONFIG: { constant: "/home/1000/helm/repositories.yaml" },
    },
    "cp-portal-chaos-api": {
      ...vaultByUrl,
      ...vaultRole,
      CHAOS_DASHBOARD_API_URI: "chaos.dashboardUrl",
      CP_PORTAL_CHAOS_COLLECTOR_API_URI: "chaosCollector.url",
      CP_PORTAL_COMMON_API_URI: "commonApi.url",
    },
    "cp-portal-chaos-collector": { ...vaultByUrl, ...vaultRole, CP_PORTAL_COMMON_API_URI: "commonApi.url" },
    "cp-portal-common-api": {
      ...databaseLogin,
      KEYCLOAK_CP_REALM_ID: "keycloak.realmId",
      KEYCLOAK_DB_SCHEMA: "keycloak.schema",
    },
    "cp-portal-metric-api": { ...metricApi, ...vaultByUrl },
    "cp-portal-service-broker": {
      ...serviceBroker,
      CP_PORTAL_COMMON_API_URI: "commonApi.url",
      // Every build of the broker appends `/auth`, a path that the Keycloak of this release does not have.
      KEYCLOAK_ADMIN_CLIENT_SERVERURL: "keycloak.url",
    },
    "cp-portal-terraman": {
      ...databaseLogin,
      ...vaultByUrl,
      ...vaultRole,
      K8S_MASTER_NODE_IP: "cluster.masterAddress",
    },
    "cp-portal-ui": {
      ...browserClient,
      CHART_REPO_CRT: "charts.certificate",
      CHART_REPO_NAME: "charts.name",
      CHART_REPO_PASSWORD: "charts.password",
      CHART_REPO_URL: "charts.url",
      CHART_REPO_USERNAME: "charts.username",
      CP_PORTAL_CATALOG_API_URI: "portalCatalog.publicUrl",
      CP_PORTAL_CHAOS_API_URI: "portalChaos.publicUrl",
      // Builds after v1.6.0 ask for it; the others ignore it.
      CP_PORTAL_UI_URI: "portalUi.publicUrl",
    },
  },
  credentials: {
    "cp-portal-api": {
      ...loginAtCommonApi,
      ...loginAt("CPTERRAMAN", "terraman.password"),
      JWT_SECRET: "jwt.key",
    },
    "cp-portal-catalog-api": { JWT_SECRET: "jwt.key" },
    "cp-portal-chaos-api": {
      ...loginAtCommonApi,
      ...loginAt("CHAOSCOLLECTORAPI", "chaosCollector.password"),
      JWT_SECRET: "jwt.key",
    },
    "cp-portal-chaos-collector": { ...loginAtCommonApi, ...ownLogin("chaosCollector.password") },
    "cp-portal-common-api": ownLogin("commonApi.password"),
    "cp-portal-service-broker": brokerCredentials,
    "cp-portal-terraman": ownLogin("terraman.password"),
  },
  // Here it is browsers that call the APIs.
  calls: {},
  terramanKeyFile: "master-key",
  commonApiNeedsBrokerSchema: false,
};
