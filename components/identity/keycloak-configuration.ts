/** Ports that a Keycloak pod listens on. */
export const keycloakPorts = {
  /** Login pages and APIs. */
  http: 8080,
  /** Health and metrics; never exposed. */
  management: 9000,
  /** What the pods of one cluster say to each other (JGroups). */
  cluster: 7800,
  /** By this one they notice that one of them has gone: the cluster port and JGroups' offset of 50000. */
  failureDetection: 57800,
} as const;

/** Paths on the management port. They stay the same with every {@link KeycloakFacts.relativePath}. */
export const managementPaths = {
  started: "/health/started",
  ready: "/health/ready",
  live: "/health/live",
  metrics: "/metrics",
} as const;

/** Variables of the Secret that a Keycloak pod takes as its environment. */
export const keycloakSecretKeys = {
  databasePassword: "KC_DB_PASSWORD",
  // Up to 25 the first of each is read, from 26 on the second.
  administrators: ["KEYCLOAK_ADMIN", "KC_BOOTSTRAP_ADMIN_USERNAME"],
  administratorPasswords: ["KEYCLOAK_ADMIN_PASSWORD", "KC_BOOTSTRAP_ADMIN_PASSWORD"],
} as const;

/** What Keycloak has to know to run. */
export interface KeycloakFacts {
  /** Address for people and for all tokens, with the relative path, without a slash at the end. */
  readonly publicUrl: string;
  /** Where the paths begin: nothing, or `/auth` as up to Keycloak 16. */
  readonly relativePath: "" | "/auth";
  /**
   * Whether all connections from outside come through a proxy that sets `X-Forwarded-…`. Without one Keycloak must not
   * believe these headers, since any client could set them.
   */
  readonly behindProxy: boolean;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly username: string;
    /** Connections that one pod opens at most. */
    readonly poolSize: number;
  };
  /** Host name that answers with the addresses of all pods. */
  readonly clusterHost: string;
}

/** Keycloak's environment in production mode, but for the secrets. */
export function keycloakVariables(facts: KeycloakFacts): Record<string, string> {
  const { database } = facts;
  return {
    KC_DB: "mariadb",
    KC_DB_URL: `jdbc:mariadb://${bracketed(database.host)}:${database.port}/${database.database}`,
    KC_DB_USERNAME: database.username,
    KC_DB_POOL_INITIAL_SIZE: "2",
    KC_DB_POOL_MIN_SIZE: "2",
    KC_DB_POOL_MAX_SIZE: String(database.poolSize),
    KC_HTTP_ENABLED: "true", // TLS ends at the ingress controller, where there is one
    KC_HTTP_PORT: String(keycloakPorts.http),
    KC_HTTP_RELATIVE_PATH: facts.relativePath === "" ? "/" : facts.relativePath,
    KC_HTTP_MANAGEMENT_PORT: String(keycloakPorts.management),
    KC_HTTP_MANAGEMENT_RELATIVE_PATH: "/",
    KC_HOSTNAME: facts.publicUrl,
    ...(facts.behindProxy && { KC_PROXY_HEADERS: "xforwarded" }),
    KC_HEALTH_ENABLED: "true",
    KC_METRICS_ENABLED: "true",
    KC_CACHE: "ispn",
    KC_CACHE_STACK: "kubernetes", // finds the other pods by DNS
    // Without an address of its own JGroups takes the private ranges only, which not every cluster has its pods in.
    JAVA_OPTS_APPEND: `-Djgroups.bind.address=$(POD_IP) -Djgroups.dns.query=${facts.clusterHost}`,
  };
}

/** An address of IPv6 is set apart from the port. */
function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
