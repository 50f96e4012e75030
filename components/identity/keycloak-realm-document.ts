import { stableJson } from "../kubernetes/checksum";
import { type RealmOptions, realmOptions } from "./keycloak-realm-options";

/** What the realm is and how people log in. */
export interface RealmFacts {
  /** Name, as it stands in every address of the realm. */
  readonly name: string;
  /** The key under which Keycloak's tables keep the realm. Cannot be changed afterwards. */
  readonly id: string;
  /** Realm role of the platform's administrators. */
  readonly administratorRole: string;
  /** Group whose members have the role. */
  readonly administratorGroup: string;
  /** Name of the first user, a member of the group. */
  readonly firstUser: string;
  /** Life of an access token, in seconds. */
  readonly accessTokenSeconds: number;
  /** A login ends after this time without use, in seconds. */
  readonly sessionIdleSeconds: number;
  /** A login ends after this time in any case, in seconds. */
  readonly sessionMaxSeconds: number;
  /** Offer to stay logged in. */
  readonly rememberMe: boolean;
  /** Who has to come by TLS. */
  readonly sslRequired: "external" | "all" | "none";
  /** Let everybody who reaches the login page make an account. */
  readonly selfRegistration: boolean;
  /** Lock an account for a while after wrong passwords. */
  readonly bruteForceProtection: boolean;
  /** Let clients send a person's name and password themselves, past the login page. */
  readonly directGrants: boolean;
  /** What else the settings say. */
  readonly options: RealmOptions;
}

/** A system that lets people log in through the realm. */
export interface RealmClient {
  readonly clientId: string;
  /** For people who look at the realm. */
  readonly displayName: string;
  /** Where a login may end; `*` at the end stands for everything below. */
  readonly redirectUris: readonly string[];
  /** Origins whose pages may call Keycloak: scheme, host and port. */
  readonly webOrigins: readonly string[];
  /** Scopes that the client gets when it asks for them. @default none */
  readonly optionalScopes?: readonly string[];
}

/**
 * Scopes that every client gets without asking. The platform's own `openid` is there because the K-PaaS portal asks for
 * none, and without it the address that tells who is logged in answers nobody.
 */
const defaultScopes = ["web-origins", "acr", "openid", "roles", "profile", "basic", "email"];

/**
 * The desired realm, in the form of Keycloak's own realm export.
 * @param clients with their secrets
 * @param firstPassword password of the first user until the first login
 * @param mailPassword for the login at the mail server, where it wants one
 */
export function realmDocument(
  realm: RealmFacts,
  clients: readonly (RealmClient & { readonly secret: string })[],
  firstPassword: string,
  mailPassword?: string,
): string {
  return stableJson({
    ...realmOptions(realm.options, mailPassword),
    id: realm.id,
    realm: realm.name,
    enabled: true,
    sslRequired: realm.sslRequired,
    rememberMe: realm.rememberMe,
    registrationAllowed: realm.selfRegistration,
    bruteForceProtected: realm.bruteForceProtection,
    accessTokenLifespan: realm.accessTokenSeconds,
    ssoSessionIdleTimeout: realm.sessionIdleSeconds,
    ssoSessionMaxLifespan: realm.sessionMaxSeconds,
    roles: { realm: [{ name: realm.administratorRole, description: "Administrator of the platform" }] },
    groups: [{ name: realm.administratorGroup, realmRoles: [realm.administratorRole] }],
    clientScopes: [
      {
        name: "openid",
        description: "Makes every token one of OpenID Connect",
        protocol: "openid-connect",
        attributes: { "include.in.token.scope": "true", "display.on.consent.screen": "false" },
      },
    ],
    clients: clients.map((client) => clientDocument(client, realm.directGrants)),
    users: [
      {
        username: realm.firstUser,
        enabled: true,
        groups: [`/${realm.administratorGroup}`],
        credentials: [{ type: "password", value: firstPassword, temporary: true }],
        requiredActions: ["UPDATE_PASSWORD"],
      },
    ],
  });
}

function clientDocument(client: RealmClient & { readonly secret: string }, directGrants: boolean) {
  return {
    clientId: client.clientId,
    name: client.displayName,
    enabled: true,
    protocol: "openid-connect",
    publicClient: false,
    clientAuthenticatorType: "client-secret",
    secret: client.secret,
    standardFlowEnabled: true,
    implicitFlowEnabled: false,
    directAccessGrantsEnabled: directGrants,
    serviceAccountsEnabled: false,
    redirectUris: client.redirectUris,
    webOrigins: client.webOrigins,
    attributes: { "post.logout.redirect.uris": "+" }, // the same addresses as after a login
    defaultClientScopes: defaultScopes,
    optionalClientScopes: client.optionalScopes ?? [],
    protocolMappers: [rolesMapper],
  };
}

/** Puts the names of a person's realm roles into the claim `roles`, which the platform's systems read. */
const rolesMapper = {
  name: "roles",
  protocol: "openid-connect",
  protocolMapper: "oidc-usermodel-realm-role-mapper",
  config: {
    "claim.name": "roles",
    "jsonType.label": "String",
    multivalued: "true",
    "id.token.claim": "true",
    "access.token.claim": "true",
    "userinfo.token.claim": "true",
    "introspection.token.claim": "true",
  },
};
