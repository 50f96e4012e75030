import type * as pulumi from "@pulumi/pulumi";
import type { Connection, Workload } from "../contracts";
import type { Exposure } from "../exposure/exposure";
import { CATALOG_FILE, catalogConfiguration } from "./catalog-configuration";
import {
  applicationFacts,
  coreApplications,
  type PortalApplication,
  portalApplications,
  type Server,
} from "./portal-applications";
import { environmentTable, type GeneratedCredentials, ownValues, pick } from "./portal-credentials";
import { portalSources } from "./portal-environment";
import { sharedValues } from "./portal-shared-values";
import type { PortalSuiteArgs } from "./portal-suite-args";
import { sharedEnvironment } from "./portal-values";
import { type DividedEnvironment, divideEnvironment, secretData } from "./suite-environment";
import { callsBehind, type SuiteContents } from "./suite-objects";

/** Key of Catalog-API's file in the suite's Secret. */
export const CATALOG_KEY = `cp-portal-catalog-api.${CATALOG_FILE}`;

/** What the objects of the suite hold. */
export interface PortalPlan extends SuiteContents {
  readonly installed: readonly PortalApplication[];
  readonly environments: ReadonlyMap<PortalApplication, DividedEnvironment>;
  /** Catalog-API's file; undefined where the one in the image is used. */
  readonly catalogFile: string | undefined;
}

/** The applications that these arguments ask for, in a stable order. */
export function installedApplications(
  args: Pick<PortalSuiteArgs, "profile" | "terraman" | "catalog" | "chaos" | "broker">,
): PortalApplication[] {
  const optional: Readonly<Partial<Record<PortalApplication, boolean>>> = {
    "cp-portal-catalog-api": args.catalog !== undefined,
    "cp-portal-chaos-api": args.chaos !== undefined,
    "cp-portal-chaos-collector": args.chaos !== undefined,
    "cp-portal-service-broker": args.broker !== undefined,
    "cp-portal-terraman": args.terraman !== undefined,
  };
  const core: readonly PortalApplication[] = coreApplications;
  const wanted = portalApplications.filter((application) => core.includes(application) || optional[application]);
  const unknown = wanted.filter((application) => args.profile.environment[application] === undefined);
  if (unknown.length > 0) {
    throw new Error(`This release of K-PaaS has no ${unknown.join(", ")}.`);
  }
  return wanted;
}

/** Everything that the suite's shared objects hold, from the tables of the release and the contracts. */
export function portalPlan(args: PortalSuiteArgs, generated: GeneratedCredentials): PortalPlan {
  const installed = installedApplications(args);
  const common = { ...sharedValues(args), ...generated };
  const environments = new Map(
    installed.map((application) => [
      application,
      divideEnvironment(application, environmentTable(args.profile, application, args.credentials), portalSources, {
        ...common,
        ...ownValues(args, application),
      }),
    ]),
  );
  const catalogFile =
    installed.includes("cp-portal-catalog-api") && args.credentials === "generated"
      ? catalogConfiguration(applicationFacts["cp-portal-catalog-api"].port)
      : undefined;
  return {
    installed,
    shared: sharedEnvironment(args.profile, common),
    environments,
    catalogFile,
    secretData: { ...secretData(environments), ...(catalogFile !== undefined && { [CATALOG_KEY]: catalogFile }) },
    authorities: authoritiesOf(args),
  };
}

/** Which server's authority each file is. */
const authorityFiles = {
  "charts.crt": "charts",
  "keycloak.crt": "keycloak",
  "vault.crt": "vault",
} as const satisfies Record<string, Server>;

function authoritiesOf({ identity, vaults, charts, catalog }: PortalSuiteArgs): PortalPlan["authorities"] {
  const keycloak = identity.client.certificateAuthority;
  const vault = vaults["cp-portal-api"].certificateAuthority;
  // Without the catalogue nobody asks the chart repository.
  const repository = catalog === undefined ? undefined : charts?.certificateAuthority;
  return {
    ...(repository !== undefined && { "charts.crt": repository }),
    ...(keycloak !== undefined && { "keycloak.crt": keycloak }),
    ...(vault !== undefined && { "vault.crt": vault }),
  };
}

/** Whether the application talks to a server behind one of these authorities. */
export function needsTrust(application: PortalApplication, authorities: PortalPlan["authorities"]): boolean {
  return callsBehind(authorities, authorityFiles, applicationFacts[application].calls);
}

/** How the outside reaches an application. */
export function applicationExposure(args: PortalSuiteArgs, application: PortalApplication): Exposure {
  const { exposure, broker } = args;
  const { clients, nodePort } = applicationFacts[application];
  if (clients === "cloudFoundry") {
    return broker?.exposure.type === "nodePort" ? { type: "nodePort", nodePort } : { type: "clusterIp" };
  }
  if (exposure.type === "nodePort") {
    return clients === "browsers" || exposure.internal ? { type: "nodePort", nodePort } : { type: "clusterIp" };
  }
  return application === "cp-portal-ui"
    ? {
        type: "ingress",
        host: exposure.host,
        tls: exposure.tls,
        ...(exposure.stickySessions && {
          annotations: {
            "nginx.ingress.kubernetes.io/affinity": "cookie",
            "nginx.ingress.kubernetes.io/affinity-mode": "persistent",
          },
        }),
      }
    : { type: "clusterIp" };
}

/** Who connects to an application besides what its own exposure says. */
export function outsideClients(args: PortalSuiteArgs, application: PortalApplication, to: Workload): Connection[] {
  const { clients, port, path } = applicationFacts[application];
  if (clients === "browsers" && path !== "/" && args.exposure.type === "ingress") {
    return [{ from: { system: "Ingress controller", peer: args.ingress.controller }, to, ports: [port] }];
  }
  return clients === "cloudFoundry" && args.broker?.clients !== undefined
    ? [{ from: { system: "Cloud Foundry", peer: args.broker.clients }, to, ports: [port] }]
    : [];
}

/**
 * What has to be there before an application can start: its login at the database, its role in Vault, and Keycloak for
 * those who ask it, or who read its tables as Common-API does. And the charts for the one that offers them.
 */
export function requirementsOf(args: PortalSuiteArgs, application: PortalApplication): pulumi.Resource[] {
  const asksKeycloak =
    application === "cp-portal-common-api" || applicationFacts[application].calls.includes("keycloak");
  return [
    ...(pick(args.databases, application)?.ready ?? []),
    ...(pick(args.vaults, application)?.ready ?? []),
    ...((asksKeycloak && args.identity.client.ready) || []),
    ...((applicationFacts[application].calls.includes("charts") && args.charts?.ready) || []),
  ];
}
