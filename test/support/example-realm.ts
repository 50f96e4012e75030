import * as pulumi from "@pulumi/pulumi";
import type { MariaDbEndpoint } from "../../components/contracts";
import type { RealmFacts } from "../../components/identity/keycloak-realm-document";

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
  selfRegistration: false,
  bruteForceProtection: true,
  directGrants: false,
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
