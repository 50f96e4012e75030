import * as pulumi from "@pulumi/pulumi";
import type { Endpoint, OidcClient, RegistryEndpoint } from "../../components/contracts";
import { externalPostgres } from "../../components/data/external-postgres";
import type { WildcardCertificate } from "../../components/identity/wildcard-certificate";
import { bytesOf } from "../../components/kubernetes/quantity";
import type { ProjectFacts, RobotFacts } from "../../components/registry/desired-state";
import { externalRedis } from "../../components/registry/external-redis";
import { externalRegistry } from "../../components/registry/external-registry";
import { certificateSecret } from "../../components/registry/harbor-exposure";
import { HarborRegistry } from "../../components/registry/harbor-registry";
import type { HarborRegistryArgs } from "../../components/registry/harbor-registry-args";
import { type HarborSystem, systemConfiguration } from "../../components/registry/harbor-system";
import { NodePreparation, nodePreparationNamespace } from "../../components/registry/node-preparation";
import { RegistryBootstrap } from "../../components/registry/registry-bootstrap";
import type { Settings } from "../settings";
import { plainProject } from "../settings/harbor-projects";
import { ingressEndpoint } from "./ingress-endpoint";
import { kpaasAddress } from "./kpaas-addresses";
import type { Site } from "./site";

type HarborSettings = Settings["harbor"];

/** The logins that other systems need at the registry. */
export interface Registry {
  /** A login that pulls from a project. */
  pull(project: string): RegistryEndpoint;
  /** A login that pushes to a project; none where the settings of an external registry name no such login. */
  push(project: string): RegistryEndpoint | undefined;
  /** Login at the API that may do everything; none at an external registry. */
  readonly administrator?: { readonly username: string; readonly password: pulumi.Output<string> };
}

/** What Harbor takes from other systems, and does for them. */
export interface HarborSurroundings {
  /** Harbor's client at the identity provider; people log in there when the settings want it. */
  readonly identity?: OidcClient | undefined;
  /** Put into Harbor's namespace when the exposure names its Secret. */
  readonly certificate?: WildcardCertificate | undefined;
  /** Projects that other systems need, made like those of the settings; what these say about one of them holds. */
  readonly projects?: readonly string[];
}

/** The platform's own Harbor with its projects and robots, or the registry that the settings name. */
export function composeHarbor(site: Site, surroundings: HarborSurroundings = {}): Registry {
  const { harbor: own } = site.settings;
  if (own.external !== undefined) {
    return externalLogins(own.external);
  }
  const needed = (surroundings.projects ?? []).map((project) => [project, plainProject] as const);
  const harbor = { ...own, projects: { ...Object.fromEntries(needed), ...own.projects } };
  const namespace = site.namespace(harbor.namespace, "harbor", { holdsData: true });
  const { certificate } = surroundings;
  const binding =
    certificate !== undefined && certificateSecret(harbor.exposure) === certificate.secretName
      ? certificate.binding(namespace, [harbor.host])
      : undefined;
  const registry = new HarborRegistry(
    "harbor",
    {
      ...harborArgs(site, harbor),
      namespace,
      oidc: loginOf(harbor, surroundings.identity),
      certificateAuthority: authorityOf(harbor) ?? binding?.certificateAuthority,
    },
    site.options,
  );
  site.add("harbor", registry);
  site.credentials["harbor"] = { username: registry.api.username, password: registry.api.password };
  for (const { part, ...target } of registry.metrics) {
    site.scrape(`harbor-${part}-metrics`, { ...target, namespace, system: "harbor" });
  }

  const image = site.image("python");
  const bootstrap = new RegistryBootstrap(
    "harbor-bootstrap",
    {
      namespace,
      image,
      api: registry.api,
      registry: {
        scheme: registry.scheme,
        host: registry.host,
        certificateAuthority: registry.certificateAuthority,
        front: registry.front ?? ingressEndpoint(site.settings.cluster, registry.scheme),
      },
      projects: projectsOf(harbor),
      robots: robotsOf(harbor),
      // With the provider's login core itself holds them, and refuses to change any through its API.
      ...(!harbor.oidc.enabled && { system: systemConfiguration(systemOf(harbor)) }),
      schedule: harbor.reconcileSchedule,
    },
    site.options,
  );
  site.add("harbor-bootstrap", bootstrap);

  const { enabled, namespace: nodeNamespace, ...preparation } = harbor.nodePreparation;
  if (enabled) {
    const preparationNamespace = site.namespace(nodeNamespace, "harbor", {
      podSecurity: "privileged",
      exceptions: nodePreparationNamespace,
    });
    site.add(
      "registry-node-preparation",
      new NodePreparation(
        "registry-node-preparation",
        { namespace: preparationNamespace, image, registry, ...preparation },
        site.options,
      ),
    );
  }
  return {
    pull: (project) => bootstrap.pull(robotKey(project, "cluster")),
    push: (project) => bootstrap.push(robotKey(project, "ci")),
    administrator: { username: registry.api.username, password: registry.api.password },
  };
}

function harborArgs(site: Site, harbor: HarborSettings): Omit<HarborRegistryArgs, "namespace"> {
  const { cluster, lifecycle } = site.settings;
  const { exposure, trivy, proxy } = harbor;
  return {
    images: {
      core: site.image("harbor-core"),
      database: site.image("harbor-database"),
      exporter: site.image("harbor-exporter"),
      jobservice: site.image("harbor-jobservice"),
      nginx: site.image("harbor-nginx"),
      portal: site.image("harbor-portal"),
      redis: site.image("harbor-redis"),
      registry: site.image("harbor-registry"),
      registryctl: site.image("harbor-registryctl"),
      trivy: site.image("harbor-trivy"),
    },
    host: harbor.host,
    exposure,
    externalUrl: harbor.externalUrl,
    ingress: site.ingress,
    issuer: exposure.tls.from === "selfMade" ? site.ownIssuer() : undefined,
    clusterDomain: cluster.domain,
    ipv6: harbor.ipv6,
    replicas: harbor.replicas,
    resources: harbor.resources,
    storage: imageStorageOf(harbor.storage),
    jobservice: { workers: harbor.jobservice.workers, logs: jobLogsOf(harbor.jobservice.logs) },
    database: databaseOf(harbor.database),
    redis: redisOf(harbor.redis),
    trivy: trivy.enabled ? { ...trivy, timeout: `${trivy.timeoutMinutes}m0s` } : undefined,
    metrics: harbor.metrics,
    proxy:
      proxy === undefined
        ? undefined
        : {
            ...proxy,
            noProxy: [...proxy.noProxy, ...ownProvider(site.settings)],
            server: outside("Outbound proxy", { cidrs: proxy.cidrs, ports: proxy.ports }),
          },
    administratorPassword: harbor.administratorPassword,
    outside: harbor.egress.map(({ name, ...server }) => outside(name, server)),
    trustedAuthorities: harbor.trustedCertificates,
    system: systemOf(harbor),
    tuning: harbor.tuning,
    logLevel: harbor.logLevel,
    lifecycle,
  };
}

/** PEM of the authority that the settings name. */
function authorityOf({ exposure: { tls } }: HarborSettings): pulumi.Output<string> | undefined {
  return "certificateAuthority" in tls ? pulumi.output(tls.certificateAuthority) : undefined;
}

/** Host of the identity provider that runs in the cluster, if people log in there: the network lets core reach it directly. */
function ownProvider({ harbor, keycloak, kpaas }: Settings): string[] {
  return harbor.oidc.enabled && keycloak.external === undefined
    ? [new URL(kpaasAddress(kpaas, "keycloak").url).hostname.replace(/^\[|\]$/g, "")] // an IPv6 address without brackets
    : [];
}

function systemOf({ system: { storagePerProject, ...system } }: HarborSettings): HarborSystem {
  return {
    ...system,
    ...(storagePerProject !== undefined && {
      storagePerProject: storagePerProject === "unlimited" ? -1 : bytesOf(storagePerProject),
    }),
  };
}

function loginOf({ oidc }: HarborSettings, client: OidcClient | undefined): HarborRegistryArgs["oidc"] {
  const { enabled, ...login } = oidc;
  if (!enabled) {
    return undefined;
  }
  if (client === undefined) {
    throw new Error("A login at Harbor without an identity provider; the settings should have refused that.");
  }
  return { ...login, client };
}

function imageStorageOf({ s3, ...volume }: HarborSettings["storage"]): HarborRegistryArgs["storage"] {
  if (s3 === undefined) {
    return { type: "filesystem", ...volume };
  }
  const { cidrs, endpoint } = s3;
  const { port, protocol } = new URL(endpoint ?? "https://s3.amazonaws.com");
  const standard = protocol === "https:" ? 443 : 80;
  return {
    type: "s3",
    ...s3,
    server: outside("Object store", { cidrs, ports: [port === "" ? standard : Number(port)] }),
  };
}

function jobLogsOf({
  inDatabase,
  ...volume
}: HarborSettings["jobservice"]["logs"]): HarborRegistryArgs["jobservice"]["logs"] {
  return inDatabase ? { type: "database" } : { type: "volume", ...volume };
}

function databaseOf({ external, storage }: HarborSettings["database"]): HarborRegistryArgs["database"] {
  if (external === undefined) {
    return { type: "internal", storage };
  }
  const { maxConnections, ...server } = external;
  return { type: "external", endpoint: externalPostgres(server), connections: maxConnections };
}

function redisOf({ external, storage }: HarborSettings["redis"]): HarborRegistryArgs["redis"] {
  return external === undefined
    ? { type: "internal", storage }
    : { type: "external", endpoint: externalRedis(external) };
}

function outside(system: string, { cidrs, ports }: { cidrs: readonly string[]; ports: readonly number[] }): Endpoint {
  return { system, ports, peer: { cidrs } };
}

function projectsOf({ projects }: HarborSettings): ProjectFacts[] {
  return Object.entries(projects)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, { quota, retention, ...project }]) => ({
      ...project,
      name,
      storageLimit: quota === undefined ? -1 : bytesOf(quota),
      retention:
        retention === undefined
          ? undefined
          : { ...retention, rules: retention.rules.map(({ keep, ...rule }) => ({ ...rule, template: keep })) },
    }));
}

/** Two robots for each project: one that only pulls, for the cluster, and one that also pushes, for builds. */
function robotsOf({ projects, robots }: HarborSettings): Record<string, RobotFacts> {
  const pairs = Object.keys(projects)
    .sort()
    .flatMap((project) => {
      const robot = (name: keyof typeof robots, description: string, actions: RobotFacts["actions"]) => {
        const { expiryDays: days, rotation } = robots[name];
        return [robotKey(project, name), { project, name, description, actions, days, rotation }] as const;
      };
      return [
        robot("cluster", "Pulls for the cluster", ["pull"]),
        robot("ci", "Pulls and pushes for builds", ["pull", "push"]),
      ];
    });
  return Object.fromEntries(pairs);
}

function robotKey(project: string, robot: keyof HarborSettings["robots"]): string {
  return `${project}/${robot}`;
}

function externalLogins(external: NonNullable<HarborSettings["external"]>): Registry {
  const { pull, push, ...registry } = external;
  return {
    pull: (project) => externalRegistry({ ...registry, ...pull, project }),
    push: (project) => (push === undefined ? undefined : externalRegistry({ ...registry, ...push, project })),
  };
}
