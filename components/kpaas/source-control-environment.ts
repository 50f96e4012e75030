import type { ProfileName } from "./profiles";
import type { SourceControlProgram } from "./source-control-applications";
import type { SourceKind, VariableTable } from "./suite-environment";

/** Where the values of the suite's variables come from, and how they reach the applications. */
export const sourceControlSources = {
  /** Address of SC-API inside the cluster. */
  "api.url": "shared",
  /** What Web-SC shows of a service instance that a Cloud Foundry ordered. */
  "dashboard.url": "own",
  "database.address": "shared",
  "database.password": "secret",
  "database.username": "own",
  "keycloak.administratorPassword": "secret",
  "keycloak.administratorUsername": "secret",
  /** Group of the platform's administrators, and the realm role of its members. */
  "keycloak.clusterAdminGroup": "shared",
  "keycloak.clusterAdminRole": "shared",
  "keycloak.clientId": "shared",
  "keycloak.clientSecret": "secret",
  "keycloak.realm": "shared",
  /** Without the realm, and without the `/auth` that programs of v1.4.1 append. */
  "keycloak.url": "shared",
  "manager.administratorPassword": "secret",
  "manager.administratorUsername": "own",
  /** Address of SCM-Manager for people, without `/scm`. */
  "manager.publicUrl": "own",
  /** Address of SCM-Manager inside the cluster, with `/scm`. */
  "manager.url": "own",
} as const satisfies Readonly<Record<string, SourceKind>>;

export type SourceControlSource = keyof typeof sourceControlSources;

export type SourceControlTable = VariableTable<SourceControlSource>;

/** What the programs of one release are told, and how they are asked for their health. */
export interface SourceControlProfile {
  /** `tcp`: the open port has to do. The only published source, of v1.2, has no paths that answer without a login. */
  readonly probes: "tcp" | "actuator";
  readonly environment: Readonly<Record<SourceControlProgram, SourceControlTable>>;
  /** Variables that replace the account of SCM-Manager which is compiled into the images. */
  readonly managerAccount: Readonly<Partial<Record<SourceControlProgram, SourceControlTable>>>;
}

const databaseLogin = {
  DATABASE_URL: "database.address",
  DATABASE_USER_ID: "database.username",
  DATABASE_USER_PASSWORD: "database.password",
} as const;

/** v1.2 has the first name. What later releases read is not published, and their other names became shorter like this. */
const api = {
  CONTAINER_PLATFORM_SOURCE_CONTROL_API_URI: "api.url",
  CP_SOURCE_CONTROL_API_URI: "api.url",
} as const;

const keycloakRealm = { KEYCLOAK_CP_REALM: "keycloak.realm", KEYCLOAK_URL: "keycloak.url" } as const;

const environment: SourceControlProfile["environment"] = {
  "cp-source-control-api": {
    ...databaseLogin,
    // The program appends `/scm` to this address, shows it to people for cloning, and would call it for everything else
    // too. Spring reads the second variable in place of the property that the calls use.
    API_BASE_URL: "manager.url",
    SCM_MANAGER_URL: "manager.publicUrl",
  },
  "cp-source-control-broker": {
    ...api,
    ...databaseLogin,
    ...keycloakRealm,
    KEYCLOAK_ADMIN_ID: "keycloak.administratorUsername",
    KEYCLOAK_ADMIN_PASSWORD: "keycloak.administratorPassword",
    KEYCLOAK_CLUSTER_ADMIN_GROUP: "keycloak.clusterAdminGroup",
    KEYCLOAK_CLUSTER_ADMIN_ROLE: "keycloak.clusterAdminRole",
    KEYCLOAK_IDENTITY_PROVIDER_ID: { constant: "cp-saml-idp" },
    SCM_DASHBOARD_URL: "dashboard.url",
    SCM_MANAGER_URL: "manager.url",
  },
  "cp-source-control-ui": {
    ...api,
    ...keycloakRealm,
    KEYCLOAK_CLUSTER_ADMIN_ROLE: "keycloak.clusterAdminRole",
    KEYCLOAK_CP_CLIENT_ID: "keycloak.clientId",
    KEYCLOAK_CP_CLIENT_SECRET: "keycloak.clientSecret",
  },
};

const managerAccount: SourceControlTable = {
  ADMIN_ID: "manager.administratorUsername",
  ADMIN_PWD: "manager.administratorPassword",
};

/** As far as anything is published, the releases differ in nothing but the exposure. */
const published: SourceControlProfile = {
  probes: "tcp",
  environment,
  managerAccount: { "cp-source-control-api": managerAccount, "cp-source-control-broker": managerAccount },
};

export const sourceControlProfiles: Readonly<Record<ProfileName, SourceControlProfile>> = {
  "v1.4.1": published,
  "v1.6.0": published,
};
