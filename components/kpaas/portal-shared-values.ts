import * as pulumi from "@pulumi/pulumi";
import type { ChartRepositoryEndpoint } from "../contracts";
import { applicationFacts, type PortalApplication, serviceOf } from "./portal-applications";
import type { SharedSource } from "./portal-environment";
import type { PortalSuiteArgs } from "./portal-suite-args";
import { hiddenNamespaceList } from "./reserved-names";

/** What the portal's applications write for "no login"; upstream's word. */
export const NO_LOGIN = "NOAUTH";

/** Name under which the catalogue shows the platform's own chart repository. */
const CHART_REPOSITORY = "cp-portal-repository";

/**
 * Base address of a Keycloak as the applications want it: without the realm, and without the `/auth` that those of
 * v1.4.1 append.
 * @param issuer of the realm
 */
export function keycloakBase(issuer: string): string {
  return issuer.replace(/\/realms\/[^/]+\/?$/, "").replace(/\/auth$/, "");
}

/** The login that reading takes at the chart repository; none where everybody may read. */
export function chartLogin(charts: PortalSuiteArgs["charts"]): ChartRepositoryEndpoint["login"] {
  return charts === undefined || charts.anonymousRead ? undefined : charts.login;
}

/** The values of everything that all applications share. Undefined: there is none in this installation. */
export function sharedValues(args: PortalSuiteArgs): Record<SharedSource, pulumi.Input<string> | undefined> {
  const { identity, urls, charts, vaults, databases, registry, hostCluster } = args;
  const service = (application: PortalApplication) =>
    `http://${serviceOf(application)}.${args.namespace.plainName}.svc.${args.clusterDomain}:${applicationFacts[application].port}`;
  const vault = vaults["cp-portal-api"];
  return {
    "chaos.dashboardUrl": args.chaosDashboardUrl,
    "chaosCollector.url": service("cp-portal-chaos-collector"),
    "charts.certificate":
      charts?.certificateAuthority?.apply((pem) => Buffer.from(pem, "utf8").toString("base64")) ?? "",
    "charts.name": CHART_REPOSITORY,
    // The catalogue shows it to people, and asks it as they would.
    "charts.url": charts?.publicUrl ?? charts?.url ?? "",
    "charts.username": chartLogin(charts)?.username ?? NO_LOGIN,
    "cluster.apiServer": hostCluster.apiUrl,
    "cluster.masterAddress": hostCluster.masterAddress,
    "commonApi.url": service("cp-portal-common-api"),
    "database.address": databases["cp-portal-common-api"].address,
    "keycloak.clientId": identity.client.clientId,
    "keycloak.realm": identity.realm.name,
    "keycloak.realmId": identity.realm.id,
    "keycloak.schema": identity.schema,
    "keycloak.url": identity.client.issuer.apply(keycloakBase),
    "metricApi.url": service("cp-portal-metric-api"),
    "namespaces.hidden": hiddenNamespaceList(args.platformNamespaces),
    "portalApi.publicUrl": urls["cp-portal-api"],
    "portalApi.url": service("cp-portal-api"),
    "portalCatalog.publicUrl": urls["cp-portal-catalog-api"],
    "portalChaos.publicUrl": urls["cp-portal-chaos-api"],
    "portalUi.publicUrl": urls["cp-portal-ui"],
    "repository.url": `${registry.scheme}://${registry.host}`,
    "terraman.url": service("cp-portal-terraman"),
    "vault.host": vault.host,
    "vault.port": pulumi.output(String(vault.port)),
    "vault.scheme": vault.scheme,
    "vault.url": vault.url,
  };
}
