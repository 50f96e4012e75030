import type { Resources } from "../kubernetes/pod";

/** Applications of the portal suite, by the name that upstream gives image, Deployment and labels. */
export const portalApplications = [
  "cp-portal-api",
  "cp-portal-catalog-api",
  "cp-portal-chaos-api",
  "cp-portal-chaos-collector",
  "cp-portal-common-api",
  "cp-portal-metric-api",
  "cp-portal-service-broker",
  "cp-portal-terraman",
  "cp-portal-ui",
] as const;

export type PortalApplication = (typeof portalApplications)[number];

/** Those that every installation has. The others are options. */
export const coreApplications = [
  "cp-portal-api",
  "cp-portal-common-api",
  "cp-portal-metric-api",
  "cp-portal-ui",
] as const satisfies readonly PortalApplication[];

/** What an application opens connections to, besides other applications. */
export type Server =
  | "chaosDashboard"
  | "charts"
  /** API servers of all clusters that the portal manages. */
  | "clusters"
  | "database"
  | "internet"
  | "keycloak"
  /** Machines that Terraman makes clusters of. */
  | "machines"
  | "vault";

/** What is the same in every release. */
export interface ApplicationFacts {
  /** Of container and Service. */
  readonly port: number;
  /** Port on the nodes where the exposure is one. */
  readonly nodePort: number;
  /** Who connects from outside: browsers, a Cloud Foundry, or nobody. */
  readonly clients: "browsers" | "cloudFoundry" | "none";
  /** Path at the portal's host under which browsers reach it; the application sees addresses without it. */
  readonly path?: `/${string}`;
  /** `java`: with a JVM and a shell. `go`: one program; the image of Metric-API holds nothing else. */
  readonly runtime: "java" | "go";
  readonly resources: Resources;
  readonly calls: readonly (PortalApplication | Server)[];
  /** Why there cannot be two of it. @default there can */
  readonly single?: string;
}

/** A JVM at rest takes 150 to 340 MiB (upstream's figures for its sister applications), and twice that under load. */
const javaResources: Resources = {
  requests: { cpu: "100m", memory: "384Mi" },
  limits: { cpu: "1", memory: "768Mi" },
};

const goResources: Resources = {
  requests: { cpu: "20m", memory: "32Mi" },
  limits: { cpu: "500m", memory: "128Mi" },
};

/** Node ports are upstream's, but for Catalog- and Chaos-API and the collector, which only exist behind an ingress there. */
export const applicationFacts: Readonly<Record<PortalApplication, ApplicationFacts>> = {
  "cp-portal-api": {
    port: 3333,
    nodePort: 32701,
    clients: "browsers",
    path: "/cpapi",
    runtime: "java",
    resources: javaResources,
    calls: ["clusters", "cp-portal-common-api", "cp-portal-metric-api", "cp-portal-terraman", "vault"],
    single: "Terraman copies the files of new clusters out of the one pod that it finds.",
  },
  "cp-portal-catalog-api": {
    port: 8093,
    nodePort: 32705,
    clients: "browsers",
    path: "/cpcatalog",
    runtime: "go",
    // Helm unpacks and renders whole charts in memory.
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    calls: ["charts", "clusters", "internet", "vault"],
    single: "The list of repositories lies in a volume that one node at a time can use.",
  },
  "cp-portal-chaos-api": {
    port: 8092,
    nodePort: 32706,
    clients: "browsers",
    path: "/cpchaos",
    runtime: "java",
    resources: javaResources,
    calls: ["chaosDashboard", "clusters", "cp-portal-chaos-collector", "cp-portal-common-api", "vault"],
  },
  "cp-portal-chaos-collector": {
    port: 8094,
    nodePort: 32708,
    clients: "none",
    runtime: "java",
    resources: javaResources,
    calls: ["clusters", "cp-portal-common-api", "vault"],
    single: "Each pod would write every measurement once more.",
  },
  "cp-portal-common-api": {
    port: 3334,
    nodePort: 32700,
    clients: "none",
    runtime: "java",
    resources: javaResources,
    calls: ["database"],
  },
  "cp-portal-metric-api": {
    port: 8900,
    nodePort: 30329,
    clients: "none",
    runtime: "go",
    resources: goResources,
    calls: ["clusters", "database", "vault"],
    single: "Each pod would ask every cluster once a minute and write the same rows.",
  },
  "cp-portal-service-broker": {
    port: 3330,
    nodePort: 32704,
    clients: "cloudFoundry",
    runtime: "java",
    resources: javaResources,
    calls: ["cp-portal-common-api", "database", "keycloak"],
  },
  "cp-portal-terraman": {
    port: 8091,
    nodePort: 32707,
    clients: "none",
    runtime: "java",
    resources: javaResources,
    calls: ["database", "machines", "vault"],
    single: "Its keys lie in a volume that one node at a time can use.",
  },
  "cp-portal-ui": {
    port: 8090,
    nodePort: 32703,
    clients: "browsers",
    path: "/",
    runtime: "java",
    resources: javaResources,
    calls: ["keycloak"],
  },
};

/** Name of the Service. */
export function serviceOf(application: string): string {
  return `${application}-service`;
}
