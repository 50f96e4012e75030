import type { ChartRepositoryEndpoint, Endpoint, OidcClient, VaultEndpoint } from "../../components/contracts";
import { nodePortUrl } from "../../components/exposure/exposure";
import type { WildcardCertificate } from "../../components/identity/wildcard-certificate";
import { KEYCLOAK_SCHEMA } from "../../components/kpaas/database/schemas";
import { KPAAS_SYSTEM } from "../../components/kpaas/kpaas-application";
import {
  applicationFacts,
  type PortalApplication,
  portalApplications,
} from "../../components/kpaas/portal-applications";
import { PortalSuite } from "../../components/kpaas/portal-suite";
import type { DatabaseLogins, PortalSuiteArgs, VaultLogins } from "../../components/kpaas/portal-suite-args";
import type { Settings } from "../settings";
import type { KpaasSettings } from "../settings/kpaas";
import { hasCatalog } from "../settings/kpaas-portal";
import { ownNamespaces } from "../settings/own-names";
import type { Registry } from "./harbor";
import { ingressEndpoint } from "./ingress-endpoint";
import type { Identity } from "./keycloak";
import { kpaasAddress, kpaasExposure, kpaasHost, kpaasProfile, nodeEndpoint, nodeUrl } from "./kpaas-addresses";
import { hostClusterApiUrl } from "./kpaas-host-cluster";
import type { Database } from "./mariadb";
import type { Site } from "./site";
import { imagesOf, pushNote } from "./suite-images";

/** Applications of the portal that log in at Vault. */
export type VaultClient = keyof VaultLogins;

/** What the portal takes from other systems. */
export interface PortalSurroundings {
  readonly registry: Registry;
  readonly database: Database;
  /** Login of an application at Vault. */
  readonly vault: (application: VaultClient) => VaultEndpoint;
  readonly identity: Pick<Identity, "client"> & Partial<Identity>;
  /** @default none */
  readonly charts: ChartRepositoryEndpoint | undefined;
  /** For the portal's address; none where that has no TLS. */
  readonly certificate: WildcardCertificate | undefined;
}

/** The portal suite of K-PaaS. */
export function composePortal(site: Site, surroundings: PortalSurroundings): void {
  const { kpaas, lifecycle, cluster } = site.settings;
  const { portal } = kpaas;
  const { registry, certificate, charts } = surroundings;
  const namespace = site.namespace(portal.namespace, "kpaas", { holdsData: true });
  if (kpaasExposure(kpaas) === "ingress") {
    certificate?.binding(namespace, [kpaasHost(kpaas, "portal")]);
  }
  const login = registry.pull(portal.images.project);
  const profile = kpaasProfile(kpaas);
  const suite = new PortalSuite(
    "portal",
    {
      namespace,
      profile: profile.portal,
      registry: login,
      images: imagesOf(portalApplications, portal.images, site.pullPushed),
      architecture: portal.images.architecture,
      awaitReady: portal.imageGate === "await",
      databases: databaseLogins(portal, surroundings),
      vaults: vaultLogins(kpaas, surroundings),
      identity: identityOf(kpaas, surroundings.identity),
      charts,
      chartsFront: chartsFront(site.settings),
      exposure: exposureOf(kpaas),
      urls: portalUrls(kpaas),
      ingress: site.ingress,
      clusterDomain: cluster.domain,
      hostCluster: { apiUrl: hostClusterApiUrl(site.settings), masterAddress: kpaas.nodeAddress },
      clusters: [
        site.kubernetesApi,
        ...(portal.clusters.cidrs.length === 0 ? [] : [outside("Managed clusters", portal.clusters)]),
      ],
      node: nodeEndpoint(
        kpaas,
        [applicationFacts["cp-portal-api"], profile.keycloak].map(({ nodePort }) => nodePort),
      ),
      platformNamespaces: platformNamespaces(site.settings),
      replicas: portal.replicas,
      resources: portal.resources,
      credentials: portal.credentials,
      storageClass: kpaas.storageClass,
      lifecycle,
      ...optionsOf(kpaas),
    },
    site.options,
  );
  site.add(KPAAS_SYSTEM, suite);
  if (suite.brokerLogin !== undefined) {
    site.credentials["portal-broker"] = suite.brokerLogin;
    if (portal.broker.exposure?.type === "nodePort") {
      site.urls["portal-broker"] = nodePortUrl(
        applicationFacts["cp-portal-service-broker"].nodePort,
        kpaas.nodeAddress,
      );
    }
  }
  const named = { name: "the portal", page: "docs/k-paas.md" };
  site.notes.push(pushNote(named, suite.imageReferences, login.host, registry.push(portal.images.project)?.username));
}

/** Behind an ingress calls of the repository's public address end at the controller. */
function chartsFront({ chartmuseum, cluster, kpaas }: Settings): Endpoint | undefined {
  const behindIngress = chartmuseum.external === undefined && chartmuseum.exposed && kpaasExposure(kpaas) === "ingress";
  return behindIngress ? ingressEndpoint(cluster, "https") : undefined;
}

type PortalSettings = KpaasSettings["portal"];

function databaseLogins(
  { broker, terraman }: PortalSettings,
  { database, identity }: PortalSurroundings,
): DatabaseLogins {
  return {
    "cp-portal-common-api": database.commonApi(identity.tables ?? []),
    "cp-portal-metric-api": database.endpoint("metricApi"),
    ...(broker.enabled && { "cp-portal-service-broker": database.endpoint("serviceBroker") }),
    ...(terraman.enabled && { "cp-portal-terraman": database.endpoint("terraman") }),
  };
}

function vaultLogins(kpaas: KpaasSettings, { vault }: PortalSurroundings): VaultLogins {
  const { chaos, terraman } = kpaas.portal;
  const login = (application: VaultClient, wanted: boolean) => (wanted ? { [application]: vault(application) } : {});
  return {
    "cp-portal-api": vault("cp-portal-api"),
    "cp-portal-metric-api": vault("cp-portal-metric-api"),
    ...login("cp-portal-catalog-api", hasCatalog(kpaas)),
    ...login("cp-portal-chaos-api", chaos.enabled),
    ...login("cp-portal-chaos-collector", chaos.enabled),
    ...login("cp-portal-terraman", terraman.enabled),
  };
}

function identityOf(kpaas: KpaasSettings, identity: PortalSurroundings["identity"]): PortalSuiteArgs["identity"] {
  const { administration: administrator } = identity;
  const client: OidcClient = identity.client("portal");
  return {
    client,
    realm: identity.realm ?? kpaasProfile(kpaas).realm,
    schema: KEYCLOAK_SCHEMA,
    ...(administrator !== undefined && { administrator }),
  };
}

/** Addresses of what browsers call. A pure function of the settings. */
export function portalUrls(kpaas: KpaasSettings): PortalSuiteArgs["urls"] {
  const { url } = kpaasAddress(kpaas, "portal");
  const address = (application: PortalApplication) => {
    const { path, nodePort } = applicationFacts[application];
    return kpaasExposure(kpaas) === "nodePort" ? nodeUrl(kpaas, nodePort) : `${url}${path ?? ""}`;
  };
  return {
    "cp-portal-api": address("cp-portal-api"),
    "cp-portal-catalog-api": address("cp-portal-catalog-api"),
    "cp-portal-chaos-api": address("cp-portal-chaos-api"),
    "cp-portal-ui": url,
  };
}

function exposureOf(kpaas: KpaasSettings): PortalSuiteArgs["exposure"] {
  const { exposure } = kpaasAddress(kpaas, "portal");
  return exposure.type === "ingress"
    ? { type: "ingress", host: exposure.host, tls: exposure.tls, stickySessions: kpaas.portal.stickySessions }
    : { type: "nodePort", internal: kpaas.portal.internalNodePorts };
}

/** The applications that are options. */
function optionsOf(
  kpaas: KpaasSettings,
): Pick<PortalSuiteArgs, "terraman" | "catalog" | "chaos" | "chaosDashboardUrl" | "broker"> {
  const { terraman, catalog, chaos, broker } = kpaas.portal;
  const { dashboard } = chaos;
  const { sshPrivateKey } = terraman;
  const { exposure } = broker;
  return {
    terraman:
      terraman.enabled && sshPrivateKey !== undefined
        ? {
            sshPrivateKey,
            machines: outside("Machines of clusters", { cidrs: terraman.machines, ports: terraman.ports }),
            storage: terraman.storage,
          }
        : undefined,
    catalog: hasCatalog(kpaas) ? catalog : undefined,
    chaosDashboardUrl: dashboard.url,
    chaos: chaos.enabled
      ? {
          dashboard: {
            system: "Chaos Mesh",
            ports: [dashboard.port],
            peer: { namespace: dashboard.namespace, podLabels: dashboard.podLabels },
          },
        }
      : undefined,
    broker:
      broker.enabled && exposure !== undefined
        ? {
            exposure: { type: exposure.type },
            clients:
              exposure.type === "clusterIp"
                ? { namespace: exposure.namespace, podLabels: exposure.podLabels }
                : undefined,
          }
        : undefined,
  };
}

/** Namespaces of everything that the settings name, which tenants shall not see in the portal. */
export function platformNamespaces(settings: Settings): string[] {
  const { cluster, kpaas } = settings;
  const { pipeline, scm } = kpaasProfile(kpaas);
  return [
    ...ownNamespaces(settings).map(({ name }) => name),
    ...[cluster.dns, cluster.keda, cluster.prometheus, pipeline, scm].map(({ namespace }) => namespace),
  ];
}

function outside(system: string, { cidrs, ports }: { cidrs: readonly string[]; ports: readonly number[] }): Endpoint {
  return { system, ports, peer: { cidrs } };
}
