import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, MariaDbEndpoint, OidcClient } from "../../components/contracts";
import { externalOidc } from "../../components/identity/external-oidc";
import { Keycloak, type KeycloakAdministration } from "../../components/identity/keycloak";
import { KeycloakRealm } from "../../components/identity/keycloak-realm";
import type { RealmClient, RealmFacts } from "../../components/identity/keycloak-realm-document";
import type { WildcardCertificate } from "../../components/identity/wildcard-certificate";
import type { Settings } from "../settings";
import type { identityClients } from "../settings/keycloak";
import { harborLoginRedirect } from "./harbor-address";
import { ingressEndpoint } from "./ingress-endpoint";
import { kpaasAddress, kpaasProfile } from "./kpaas-addresses";
import type { Site } from "./site";

/** A system that lets people log in through the identity provider. */
export type IdentityClient = (typeof identityClients)[number];

/** Realm role of the platform's administrators (upstream). */
export const ADMINISTRATOR_ROLE = "cp-cluster-admin-role";

/** Group whose members have the role (upstream). */
export const ADMINISTRATOR_GROUP = "cp-cluster-admin";

/** What the other systems take from the identity provider. */
export interface Identity {
  /** What a system needs to let people log in. */
  client(system: IdentityClient): OidcClient;
  readonly realm: { readonly name: string; readonly id: string };
  /** The admin API. @default somebody else's */
  readonly administration?: KeycloakAdministration;
  /** Once these are there, so are Keycloak's tables in the database. */
  readonly tables: readonly pulumi.Resource[];
}

/** What Keycloak takes from other systems. */
export interface KeycloakSurroundings {
  /** Login at the schema that is Keycloak's own. */
  readonly database: MariaDbEndpoint;
  /** For the public address; none where that has no TLS. */
  readonly certificate: WildcardCertificate | undefined;
  /** Clients of systems that K-PaaS knows nothing of. @default none */
  readonly clients?: Partial<Record<IdentityClient, RealmClient>>;
}

/** Keycloak with the platform's realm. */
export function composeKeycloak(site: Site, { database, certificate, clients = {} }: KeycloakSurroundings): Identity {
  const { cluster, keycloak, kpaas } = site.settings;
  const { keycloak: names, realm: profileRealm } = kpaasProfile(kpaas);
  const namespace = site.namespace(names.namespace, "keycloak");
  const { exposure, url } = kpaasAddress(kpaas, "keycloak");
  const tls = certificate?.binding(namespace, [new URL(url).hostname]);
  const server = new Keycloak(
    "keycloak",
    {
      namespace,
      image: site.image("keycloak"),
      replicas: keycloak.replicas,
      resources: keycloak.resources,
      database,
      poolSize: keycloak.databaseConnections,
      service: { name: names.serviceName, port: names.servicePort },
      headlessServiceName: names.headlessServiceName,
      relativePath: names.relativePath,
      publicUrl: url,
      exposure,
      ingress: site.ingress,
      administratorPassword: keycloak.administratorPassword,
      outside: mailServerOf(keycloak.realm),
      clusterDomain: cluster.domain,
    },
    site.options,
  );
  site.add("keycloak", server);
  site.scrape("keycloak-metrics", { ...server.metrics, namespace, system: "keycloak" });
  const { administration } = server;
  site.credentials["keycloak"] = { username: administration.username, password: administration.password };

  const facts = realmFacts(keycloak.realm, profileRealm);
  const realm = new KeycloakRealm(
    "keycloak-realm",
    {
      namespace,
      image: site.image("python"),
      administration,
      realm: facts,
      mailPassword: keycloak.realm.mail?.login?.password,
      clients: { ...kpaasClients(site.settings), ...clients },
      publicUrl: server.url,
      reachedThrough: exposure.type === "ingress" ? ingressEndpoint(cluster, "https") : server.pods,
      certificateAuthority: tls?.certificateAuthority,
    },
    site.options,
  );
  site.add("keycloak-realm", realm);
  site.credentials[facts.name] = realm.firstLogin;
  return {
    client: (system) => realm.client(system),
    realm: facts,
    administration,
    tables: server.tables,
  };
}

/** The identity provider that the settings name. */
export function externalIdentity({
  clients,
  ...provider
}: NonNullable<Settings["keycloak"]["external"]>): Pick<Identity, "client"> {
  return {
    client: (system) => {
      const client = clients[system];
      if (client === undefined) {
        throw new Error(`platform:keycloak.external.clients.${system} is not set.`);
      }
      return externalOidc({ ...provider, ...client });
    },
  };
}

function mailServerOf({ mail }: Settings["keycloak"]["realm"]): Endpoint[] {
  return mail === undefined ? [] : [{ system: "Mail server", ports: [mail.port], peer: { cidrs: mail.cidrs } }];
}

function realmFacts(
  {
    id,
    displayName,
    lifetimes,
    login,
    passwordPolicy,
    bruteForce,
    mail,
    locales,
    themes,
    events,
    ...settings
  }: Settings["keycloak"]["realm"],
  profile: { readonly name: string; readonly id: string },
): RealmFacts {
  return {
    ...settings,
    options: {
      ...{ displayName, lifetimes, login, passwordPolicy, bruteForce, locales, themes, events },
      mail: mail && { ...mail, username: mail.login?.username },
    },
    name: profile.name,
    id: id ?? profile.id,
    administratorRole: ADMINISTRATOR_ROLE,
    administratorGroup: ADMINISTRATOR_GROUP,
  };
}

/** Clients with their addresses, which follow from the settings alone: nobody has to wait for anybody. */
function kpaasClients(settings: Settings): Partial<Record<IdentityClient, RealmClient>> {
  const website = (clientId: string, displayName: string, url: string): RealmClient => ({
    clientId,
    displayName,
    redirectUris: [`${url}/*`],
    webOrigins: [url],
  });
  const addressOf = (service: "portal" | "pipeline" | "scm") => kpaasAddress(settings.kpaas, service).url;
  return {
    portal: website("cp-client", "Portal", addressOf("portal")),
    pipeline: website("cp-pipeline-client", "Pipeline", addressOf("pipeline")),
    sourceControl: website("cp-source-control-client", "Source control", addressOf("scm")),
    ...(settings.harbor.enabled && {
      harbor: {
        clientId: "harbor",
        displayName: "Harbor",
        redirectUris: [harborLoginRedirect(settings)],
        webOrigins: [],
        optionalScopes: ["offline_access"], // lets people stay logged in at the command line
      },
    }),
  };
}
