import * as pulumi from "@pulumi/pulumi";
import type { MariaDbEndpoint, NamespaceBinding } from "../../components/contracts";
import { externalMariaDb, externalMariaDbAdministration } from "../../components/data/external-mariadb";
import { MariaDb } from "../../components/data/mariadb";
import { MariaDbAccess } from "../../components/data/mariadb-access";
import type { MariaDbAdministration } from "../../components/data/mariadb-administrator";
import { MariaDbTableGrants } from "../../components/data/mariadb-table-grants";
import { databaseClients, type KpaasClient, kpaasClients } from "../../components/kpaas/database/clients";
import { kpaasSchemas } from "../../components/kpaas/database/schemas";
import type { Settings } from "../settings";
import { neededDatabaseClients } from "../settings/mariadb-clients";
import { kpaasProfile } from "./kpaas-addresses";
import type { Site } from "./site";

type ExternalServer = NonNullable<Settings["mariadb"]["external"]>;

const SYSTEM = "mariadb";

/** The logins of the applications. */
export interface Database {
  endpoint(client: KpaasClient): MariaDbEndpoint;
  /** The Common-API's login, which waits for a table of Keycloak's. @param keycloak what makes Keycloak's tables */
  commonApi(keycloak: readonly pulumi.Resource[]): MariaDbEndpoint;
}

export interface DatabaseFacts {
  /** The id of the host cluster, under which Vault knows it too. */
  readonly hostClusterId: pulumi.Input<string>;
}

/** The database of K-PaaS with its schemas and logins: the platform's own server, or the one that the settings name. */
export function composeMariaDb(site: Site, { hostClusterId }: DatabaseFacts): Database {
  const { cluster, kpaas, lifecycle, mariadb, pipeline } = site.settings;
  const { external } = mariadb;
  if (external?.logins !== undefined) {
    return externalLogins(external, external.logins);
  }
  const { namespace: namespaceName, serviceName } = kpaasProfile(kpaas).mariadb;
  const namespace = site.namespace(namespaceName, SYSTEM, { holdsData: external === undefined });
  const image = site.image(kpaasProfile(kpaas).mariadbImage);
  const schemas = pulumi.output(hostClusterId).apply((id) =>
    kpaasSchemas({
      hostCluster: { id, name: kpaas.hostCluster.name, provider: kpaas.hostCluster.iaasType },
      ciServerUrl: `http://cp-pipeline-jenkins-service.cp-pipeline.svc.${cluster.domain}:8080`,
      pipelineProperties: pipeline.properties,
    }),
  );
  const access = new MariaDbAccess(
    "mariadb-access",
    {
      namespace,
      system: SYSTEM,
      instance: serviceName,
      image,
      server: external === undefined ? ownServer(site, namespace) : administrationOf(external),
      schemas,
      clients: databaseClients(neededDatabaseClients(site.settings), {
        commonApiUsesBroker: kpaasProfile(kpaas).portal.commonApiNeedsBrokerSchema || kpaas.portal.broker.enabled,
      }),
      lifecycle,
    },
    site.options,
  );
  site.add("mariadb-access", access);
  return {
    endpoint: (client) => access.endpoint(client),
    commonApi: (keycloak) =>
      new MariaDbTableGrants("mariadb-table-grants", { access, after: keycloak }, site.options).endpoint("commonApi"),
  };
}

function ownServer(site: Site, namespace: NamespaceBinding): MariaDbAdministration {
  const { cluster, kpaas, lifecycle, mariadb } = site.settings;
  const { storage, maxConnections, nodePort, resources } = mariadb;
  const server = new MariaDb(
    "mariadb",
    {
      namespace,
      system: SYSTEM,
      instance: kpaasProfile(kpaas).mariadb.serviceName,
      image: site.image(kpaasProfile(kpaas).mariadbImage),
      resources,
      storage: { size: storage.size, class: storage.class ?? kpaas.storageClass },
      maxConnections,
      nodePort,
      clusterDomain: cluster.domain,
      lifecycle,
    },
    site.options,
  );
  site.add("mariadb", server);
  return server.administration;
}

function administrationOf({ administrator, ...server }: ExternalServer): MariaDbAdministration {
  if (administrator === undefined) {
    throw new Error("platform:mariadb.external has neither an administrator nor logins."); // the rules refuse it before
  }
  return externalMariaDbAdministration({ ...server, ...administrator });
}

function externalLogins(server: ExternalServer, logins: NonNullable<ExternalServer["logins"]>): Database {
  const endpoint = (client: KpaasClient): MariaDbEndpoint => {
    const login = logins[client];
    if (login === undefined) {
      throw new Error(`platform:mariadb.external.logins.${client} is not set.`); // the rules refuse it before
    }
    return externalMariaDb({ ...server, ...login, database: kpaasClients[client].database });
  };
  return { endpoint, commonApi: () => endpoint("commonApi") };
}
