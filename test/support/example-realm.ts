import * as pulumi from "@pulumi/pulumi";
import type { MariaDbEndpoint } from "../../components/contracts";
import type { RealmFacts } from "../../components/identity/keycloak-realm-document";
import type { RealmOptions } from "../../components/identity/keycloak-realm-options";

/** A realm as the platform has it, without exceptions. */
export const realmFacts: RealmFacts = {
  name: "cp-realm",
  id: "the-id-of-the-realm",
  administratorRole: "cp-cluster-admin-role",
  administratorGroup: "cp-cluster-admin",
  firstUser: "admin",
  accessTokenSeconds: 3600,
  sessionIdleSeconds: 3600,
  sessionMaxSeconds: 36_000,
  rememberMe: true,
  sslRequired: "external",
  selfRegistration: false,
  bruteForceProtection: true,
  directGrants: false,
  options: {},
};

/** Everything that can be set besides. */
export const realmOptions: RealmOptions = {
  displayName: "Platform",
  lifetimes: {
    offlineSessionIdle: 86_400,
    rememberedSessionIdle: 7200,
    rememberedSessionMax: 72_000,
    loginPage: 600,
    userActionLink: 301,
    administratorActionLink: 3601,
    authorizationCode: 61,
  },
  login: {
    withEmail: true,
    emailAsUsername: false,
    duplicateEmails: false,
    verifyEmail: true,
    resetPassword: true,
    editUsername: true,
  },
  passwordPolicy: { length: 12, digits: 1, notUsername: true, passwordHistory: 3, maxLength: 128, notEmail: false },
  bruteForce: { failures: 5, waitSeconds: 30, maxWaitSeconds: 600, resetSeconds: 3600, permanent: false },
  mail: {
    host: "mail.example.org",
    port: 587,
    from: "sso@example.org",
    fromDisplayName: "Login",
    replyTo: "help@example.org",
    encryption: "starttls",
  },
  locales: { supported: ["en", "ko"], default: "ko" },
  themes: { login: "keycloak", account: "keycloak.v3", email: "keycloak" },
  events: { logins: true, loginDays: 30, administration: true, administrationDetails: true },
};

/** The portal's client. */
export const portalClient = {
  clientId: "cp-client",
  displayName: "Portal",
  redirectUris: ["https://portal.example.org/*"],
  webOrigins: ["https://portal.example.org"],
};

/** Keycloak's login at a MariaDB. */
export const keycloakDatabase: MariaDbEndpoint = {
  system: "MariaDB",
  ports: [3306],
  peer: { namespace: "mariadb", podLabels: { app: "mariadb" } },
  host: "mariadb.mariadb.svc.cluster.local",
  port: 3306,
  address: "mariadb.mariadb.svc.cluster.local:3306",
  database: "keycloak",
  username: "keycloak",
  password: pulumi.secret("password"),
  ready: [],
};
