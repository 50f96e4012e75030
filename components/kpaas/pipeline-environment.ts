import type { PipelineProgram } from "./pipeline-applications";
import type { ProfileName } from "./profiles";
import type { SourceKind, VariableTable } from "./suite-environment";

/** Where the values of the suite's variables come from, and how they reach the programs. */
export const pipelineSources = {
  "api.url": "shared",
  /** API of the Cloud Foundry that the broker belongs to. */
  "cloudFoundry.url": "own",
  "commonApi.url": "shared",
  "configServer.url": "shared",
  /** What Web-Pipeline shows of a service instance that a Cloud Foundry ordered. */
  "dashboard.url": "own",
  "database.address": "shared",
  "database.password": "secret",
  "database.username": "own",
  "inspection.password": "secret",
  "inspection.username": "own",
  "inspection.url": "shared",
  "inspectionApi.url": "shared",
  "jenkins.password": "secret",
  "jenkins.url": "own",
  "jenkins.username": "own",
  "keycloak.administratorPassword": "secret",
  "keycloak.administratorUsername": "secret",
  /** Group of the platform's administrators, and the realm role of its members. */
  "keycloak.clusterAdminGroup": "own",
  "keycloak.clusterAdminRole": "shared",
  "keycloak.clientId": "shared",
  "keycloak.clientSecret": "secret",
  "keycloak.realm": "shared",
  /** Without the realm, and without a path: for programs that append `/auth` where their release has it. */
  "keycloak.url": "own",
  /** Without the realm, and with the path that this Keycloak has. */
  "keycloak.urlWithPath": "own",
  /** Base address of the registry's API, without a path. */
  "registry.url": "own",
  /** The same with `/api/v2.0`. */
  "registry.apiUrl": "own",
  "registry.password": "secret",
  "registry.username": "secret",
  "ui.publicUrl": "shared",
} as const satisfies Readonly<Record<string, SourceKind>>;

export type PipelineSource = keyof typeof pipelineSources;

export type PipelineTable = VariableTable<PipelineSource>;

/** What the programs of one release are told, and how they are asked for their health. */
export interface PipelineProfile {
  readonly probes: "tcp" | "actuator";
  readonly environment: Readonly<Record<PipelineProgram, PipelineTable>>;
}

const databaseLogin = {
  DATABASE_URL: "database.address",
  DATABASE_USER_ID: "database.username",
  DATABASE_USER_PASSWORD: "database.password",
} as const satisfies PipelineTable;

const keycloakLogin = {
  KEYCLOAK_ADMIN_ID: "keycloak.administratorUsername",
  KEYCLOAK_ADMIN_PASSWORD: "keycloak.administratorPassword",
  KEYCLOAK_URL: "keycloak.urlWithPath",
} as const satisfies PipelineTable;

/** The sources of v1.2 have the property `ci.server.admin` no more; builds that still read it get it. */
const jenkinsLogin = {
  CI_SERVER_ADMIN_PASSWORD: "jenkins.password",
  CI_SERVER_ADMIN_USERNAME: "jenkins.username",
} as const satisfies PipelineTable;

/** Addresses of the suite's own programs, by the end of the variable's name. */
const addresses = {
  API_URI: "api.url",
  COMMON_API_URI: "commonApi.url",
  INSPECTION_API_URI: "inspectionApi.url",
  UI_URI: "ui.publicUrl",
} as const satisfies PipelineTable;

type Address = keyof typeof addresses;

/** One release, by the starts that its names of addresses have. */
function environmentWith(prefixes: readonly string[], harborApi: PipelineSource): PipelineProfile["environment"] {
  const named = (...ends: readonly Address[]): PipelineTable =>
    Object.fromEntries(ends.flatMap((end) => prefixes.map((prefix) => [`${prefix}_${end}`, addresses[end]] as const)));
  return {
    "cp-pipeline-api": {
      ...named("COMMON_API_URI", "INSPECTION_API_URI", "UI_URI"),
      ...jenkinsLogin,
      ...keycloakLogin,
      HARBOR_ADMIN_PASSWORD: "registry.password",
      HARBOR_ADMIN_USER: "registry.username",
      HARBOR_API_URL: harborApi,
      PIPELINE_UI_PUBLIC_URL: "ui.publicUrl",
    },
    "cp-pipeline-broker": {
      ...databaseLogin,
      ...keycloakLogin,
      ...named("COMMON_API_URI"),
      CF_API_URL: "cloudFoundry.url",
      CI_SERVER_URL: "jenkins.url",
      DASHBOARD_URL: "dashboard.url",
      KEYCLOAK_CLUSTER_ADMIN_GROUP: "keycloak.clusterAdminGroup",
      KEYCLOAK_CLUSTER_ADMIN_ROLE: "keycloak.clusterAdminRole",
      KEYCLOAK_CP_REALM: "keycloak.realm",
      KEYCLOAK_IDENTITY_PROVIDER_ID: { constant: "cp-saml-idp" },
    },
    "cp-pipeline-common-api": { ...databaseLogin, ...named("API_URI") },
    "cp-pipeline-config-server": databaseLogin,
    "cp-pipeline-inspection-api": {
      ...named("COMMON_API_URI"),
      INSPECTION_ADMIN_ID: "inspection.username",
      INSPECTION_ADMIN_PASSWORD: "inspection.password",
      INSPECTION_SERVER_URL: "inspection.url",
    },
    "cp-pipeline-ui": {
      ...named("API_URI", "COMMON_API_URI", "INSPECTION_API_URI"),
      CONFIG_SERVER_URL: "configServer.url",
      KEYCLOAK_CLUSTER_ADMIN_ROLE: "keycloak.clusterAdminRole",
      KEYCLOAK_CP_CLIENT_ID: "keycloak.clientId",
      KEYCLOAK_CP_CLIENT_SECRET: "keycloak.clientSecret",
      KEYCLOAK_CP_REALM: "keycloak.realm",
      KEYCLOAK_URL: "keycloak.url",
    },
  };
}

export const pipelineProfiles: Readonly<Record<ProfileName, PipelineProfile>> = {
  // v1.2 has the long start of the names, v1.6.0 the short one. What v1.4.1 has is not published.
  "v1.4.1": {
    probes: "tcp",
    environment: environmentWith(["CONTAINER_PLATFORM_PIPELINE", "CP_PIPELINE"], "registry.apiUrl"),
  },
  "v1.6.0": { probes: "actuator", environment: environmentWith(["CP_PIPELINE"], "registry.url") },
};
