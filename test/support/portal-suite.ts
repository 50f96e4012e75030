import * as pulumi from "@pulumi/pulumi";
import type {
  Endpoint,
  MariaDbEndpoint,
  OidcClient,
  RegistryEndpoint,
  VaultEndpoint,
} from "../../components/contracts";
import { portalApplications } from "../../components/kpaas/portal-applications";
import { PortalSuite } from "../../components/kpaas/portal-suite";
import type { PortalSuiteArgs } from "../../components/kpaas/portal-suite-args";
import { type ProfileName, profiles } from "../../components/kpaas/profiles";
import type { Manifest } from "../../stacks/render";
import { isolated, type RenderedComponent, renderComponent } from "./render-component";
import { find } from "./render-settings";

/** Pods with the label `app`. */
export const inNamespace = (namespace: string, app: string): Endpoint["peer"] => ({ namespace, podLabels: { app } });

/** A login at the database. */
export function databaseLogin(username: string): MariaDbEndpoint {
  return {
    system: "mariadb",
    ports: [3306],
    peer: inNamespace("mariadb", "mariadb"),
    host: "mariadb.mariadb.svc.cluster.local",
    port: 3306,
    address: "mariadb.mariadb.svc.cluster.local:3306",
    database: "cp",
    username,
    password: pulumi.secret(`database-password-of-${username}`),
    ready: [],
  };
}

/** A login at Vault, behind TLS or not. */
export function vaultLogin(application: string, certificateAuthority?: string): VaultEndpoint {
  const scheme = certificateAuthority === undefined ? "http" : "https";
  return {
    system: "vault",
    ports: [8200],
    peer: inNamespace("vault", "vault"),
    url: `${scheme}://vault.vault.svc.cluster.local:8200`,
    scheme,
    host: "vault.vault.svc.cluster.local",
    port: 8200,
    roleName: application,
    roleId: pulumi.secret(`role-id-of-${application}`),
    secretId: pulumi.secret(`secret-id-of-${application}`),
    ...(certificateAuthority !== undefined && { certificateAuthority: pulumi.output(certificateAuthority) }),
    ready: [],
  };
}

/** A client at Keycloak behind a private authority. */
export const portalClient: OidcClient = {
  system: "keycloak",
  ports: [443],
  peer: inNamespace("ingress-nginx", "ingress-nginx"),
  issuer: pulumi.output("https://keycloak.apps.example.org/realms/cp-realm"),
  clientId: "cp-client",
  clientSecret: pulumi.secret("client-secret-of-the-portal"),
  certificateAuthority: pulumi.output("authority of keycloak"),
};

/** A registry with a login that pulls. */
export const registry: RegistryEndpoint = {
  system: "harbor",
  ports: [8080],
  peer: inNamespace("harbor-system", "harbor"),
  scheme: "https",
  host: "harbor.example.org",
  project: "cp-portal-repository",
  username: "robot",
  password: pulumi.secret("password-of-the-robot"),
  dockerConfigJson: pulumi.secret("{}"),
  ready: [],
};

/** Arguments of a suite as the stacks give them, with everything that is optional switched off. */
export function suiteArgs(profile: ProfileName): Omit<PortalSuiteArgs, "namespace"> {
  const images = portalApplications.map((application) => [
    application,
    { repository: `cp-portal-repository/${application}`, tag: "latest", pullPolicy: "Always", pullSecrets: [] },
  ]);
  return {
    profile: profiles[profile].portal,
    registry,
    images: Object.fromEntries(images) as PortalSuiteArgs["images"],
    architecture: "amd64",
    awaitReady: false,
    databases: {
      "cp-portal-common-api": databaseLogin("cp-portal-common-api"),
      "cp-portal-metric-api": databaseLogin("cp-portal-metric-api"),
    },
    vaults: { "cp-portal-api": vaultLogin("portal-api"), "cp-portal-metric-api": vaultLogin("metric-api") },
    identity: { client: portalClient, realm: profiles[profile].realm, schema: "keycloak" },
    charts: undefined,
    exposure:
      profile === "v1.4.1"
        ? { type: "nodePort", internal: false }
        : {
            type: "ingress",
            host: "portal.apps.example.org",
            tls: { from: "secret", secretName: "apps.example.org-tls" },
            stickySessions: false,
          },
    urls: {
      "cp-portal-api": "https://portal.apps.example.org/cpapi",
      "cp-portal-catalog-api": "https://portal.apps.example.org/cpcatalog",
      "cp-portal-chaos-api": "https://portal.apps.example.org/cpchaos",
      "cp-portal-ui": "https://portal.apps.example.org",
    },
    ingress: {
      className: "nginx",
      controller: { namespace: "ingress-nginx", podLabels: { app: "ingress-nginx" } },
      awaitAddress: false,
    },
    clusterDomain: "cluster.local",
    hostCluster: { apiUrl: "https://10.0.0.10:6443", masterAddress: undefined },
    node: undefined,
    clusters: [{ system: "Kubernetes API", ports: [6443], peer: { cidrs: ["10.0.0.10/32"] } }],
    platformNamespaces: ["kubekloud-api"],
    replicas: {},
    resources: {},
    credentials: "generated",
    storageClass: undefined,
    lifecycle: { protectData: false, retainData: false },
    terraman: undefined,
    catalog: undefined,
    chaos: undefined,
    chaosDashboardUrl: "http://chaos-dashboard.chaos-mesh.svc:2333",
    broker: undefined,
  };
}

/** The same with every option that the release has. */
export function everything(profile: ProfileName): Omit<PortalSuiteArgs, "namespace"> {
  const args = suiteArgs(profile);
  const charts: PortalSuiteArgs["charts"] = {
    system: "chartmuseum",
    ports: [8080],
    peer: inNamespace("chartmuseum", "chartmuseum"),
    url: "http://chartmuseum.chartmuseum.svc.cluster.local:8080",
    ready: [],
    anonymousRead: true,
    certificateAuthority: pulumi.output("authority of the charts"),
  };
  return {
    ...args,
    databases: {
      ...args.databases,
      "cp-portal-service-broker": databaseLogin("cp-portal-service-broker"),
      "cp-portal-terraman": databaseLogin("cp-portal-terraman"),
    },
    vaults: {
      ...args.vaults,
      "cp-portal-catalog-api": vaultLogin("catalog-api"),
      "cp-portal-chaos-api": vaultLogin("chaos-api"),
      "cp-portal-chaos-collector": vaultLogin("chaos-collector"),
      "cp-portal-terraman": vaultLogin("terraman"),
    },
    identity: { ...args.identity, administrator: { username: "root", password: pulumi.secret("keycloak-password") } },
    hostCluster: { ...args.hostCluster, masterAddress: "10.0.0.10" },
    terraman: {
      sshPrivateKey: pulumi.secret("key-of-the-node"),
      machines: { system: "Machines", ports: [22], peer: { cidrs: ["10.9.0.0/16"] } },
      storage: { size: "5Gi" },
    },
    broker: { exposure: { type: "nodePort" }, clients: undefined },
    ...(profile === "v1.6.0" && {
      charts,
      catalog: { internet: true, storage: { size: "5Gi" } },
      chaos: {
        dashboard: { system: "Chaos Mesh", ports: [2333], peer: inNamespace("chaos-mesh", "chaos-dashboard") },
      },
    }),
  };
}

export interface RenderedSuite extends RenderedComponent {
  readonly suite: PortalSuite;
}

/** Renders a suite in its namespace, with the network policies that follow. */
export async function renderSuite(makeArgs: () => Omit<PortalSuiteArgs, "namespace">): Promise<RenderedSuite> {
  const made: PortalSuite[] = [];
  const rendered = await renderComponent(() =>
    isolated("cp-portal", (namespace) => {
      const suite = new PortalSuite("portal", { ...makeArgs(), namespace });
      made.push(suite);
      return suite;
    }),
  );
  const [suite] = made;
  if (suite === undefined) {
    throw new Error("Nothing was made.");
  }
  return { ...rendered, suite };
}

const whole = new Map<ProfileName, Promise<RenderedSuite>>();

/** The suite of a release with everything there is; rendered once for all tests of a file. */
export function wholeSuite(profile: ProfileName): Promise<RenderedSuite> {
  const rendered = whole.get(profile) ?? renderSuite(() => everything(profile));
  whole.set(profile, rendered);
  return rendered;
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export interface PortalContainer {
  readonly name: string;
  readonly image: string;
  readonly env: readonly Variable[];
  readonly [field: string]: unknown;
}

export interface PortalPod {
  readonly containers: readonly [PortalContainer];
  readonly initContainers?: readonly PortalContainer[];
  readonly volumes: readonly Record<string, unknown>[];
  readonly [field: string]: unknown;
}

/** The pod of an application. */
export function podOf(manifests: readonly Manifest[], application: string): PortalPod {
  const { spec } = find(manifests, "Deployment", `${application}-deployment`) as unknown as {
    spec: { template: { spec: PortalPod } };
  };
  return spec.template.spec;
}

/** The variables that an application's container sees: shared, own and secret ones. */
export function environmentOf(
  manifests: readonly Manifest[],
  application: string,
  suite = "cp-portal",
): Record<string, string> {
  const { data } = find(manifests, "ConfigMap", `${suite}-configmap`) as unknown as { data: Record<string, string> };
  const { env } = podOf(manifests, application).containers[0];
  const own = env.map(({ name, value, valueFrom }) => [name, value ?? `key ${valueFrom?.secretKeyRef.key}`] as const);
  return { ...data, ...Object.fromEntries(own) };
}
