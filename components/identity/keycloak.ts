import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  Connection,
  Endpoint,
  MariaDbEndpoint,
  NamespaceBinding,
  NetworkPlace,
  PodLabels,
  Workload,
} from "../contracts";
import type { Exposure, IngressFacts } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { keycloakPorts, keycloakSecretKeys, keycloakVariables, managementPaths } from "./keycloak-configuration";
import { keycloakPod } from "./keycloak-pod";

/** The administrator of the realm `master`, who may do everything. */
const ADMINISTRATOR = "admin";

/** For logins with many roles, whose cookies and headers get long, and for realms that are imported by hand. */
const ingressSizes = {
  "nginx.ingress.kubernetes.io/proxy-body-size": "2500m",
  "nginx.ingress.kubernetes.io/proxy-buffer-size": "12k",
};

export interface KeycloakArgs {
  readonly namespace: NamespaceBinding;
  /** The official image, 25 or later. */
  readonly image: ResolvedImage;
  /** Pods. They share logins, so that any of them can answer. */
  readonly replicas: number;
  /** Of each pod. Keycloak gives 70 per cent of the memory limit to its heap. */
  readonly resources: Resources;
  /** Where everything is kept, in a schema of Keycloak's own. */
  readonly database: MariaDbEndpoint;
  /** Connections that one pod opens to the database at most. */
  readonly poolSize: number;
  /** The Service that clients use; the StatefulSet is called the same. */
  readonly service: { readonly name: string; readonly port: number };
  /** Name of the Service without an address of its own, by which the pods find each other. */
  readonly headlessServiceName: string;
  /** Where the paths begin: nothing, or `/auth` as up to Keycloak 16. */
  readonly relativePath: "" | "/auth";
  /** Address for people, without the relative path and without a slash at the end. All tokens carry it. */
  readonly publicUrl: string;
  readonly exposure: Exposure;
  readonly ingress: IngressFacts;
  /** Servers outside of the cluster that Keycloak calls, such as one for mail. */
  readonly outside: readonly Endpoint[];
  /** Password of the administrator `admin`. Keycloak takes it at its very first start only. @default generated */
  readonly administratorPassword?: pulumi.Input<string> | undefined;
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
}

/** Keycloak's admin API inside the cluster, and the login there. */
export interface KeycloakAdministration extends Endpoint {
  /** Base address with the relative path, without a slash at the end. */
  readonly url: string;
  readonly username: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** What has to run before anybody calls it. */
  readonly ready: readonly pulumi.Resource[];
}

/** Keycloak in production mode: one or more pods that form a cluster, on a MariaDB. */
export class Keycloak extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Address for people, with the relative path. */
  readonly url: string;
  readonly administration: KeycloakAdministration;
  /** The pods, as clients in the cluster reach them without an ingress controller in between. */
  readonly pods: Endpoint;
  /** Prometheus metrics, and how to find the Service. */
  readonly metrics: {
    readonly endpoint: Endpoint;
    readonly serviceLabels: PodLabels;
    readonly portName: string;
    readonly path: string;
  };
  /** Once these are there, so are Keycloak's tables. */
  readonly tables: readonly pulumi.Resource[];

  constructor(name: string, args: KeycloakArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:identity:Keycloak", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { plainName, name: namespace } = args.namespace;
    const { database, exposure, relativePath } = args;
    const facts = { system: "keycloak", instance: args.service.name };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "identity-provider", version: args.image.version });
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels });
    const server: Workload = { system: "keycloak", name: args.service.name, namespace: plainName, podLabels };
    this.url = `${args.publicUrl}${relativePath}`;

    const password = pulumi.secret(
      args.administratorPassword ??
        new RandomPassword(`${name}-administrator-password`, { length: 32, special: false }, { parent: this }).result,
    );
    const secret = new Secret(
      `${name}-secret`,
      {
        metadata: metadata(`${args.service.name}-environment`),
        stringData: {
          [keycloakSecretKeys.databasePassword]: database.password,
          ...Object.fromEntries(keycloakSecretKeys.administrators.map((key) => [key, ADMINISTRATOR])),
          ...Object.fromEntries(keycloakSecretKeys.administratorPasswords.map((key) => [key, password])),
        },
      },
      fixedName,
    );
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadata(args.service.name), automountServiceAccountToken: false },
      fixedName,
    );
    const headless = new Service(
      `${name}-nodes`,
      {
        metadata: metadata(args.headlessServiceName),
        spec: {
          clusterIP: "None",
          selector: podLabels,
          publishNotReadyAddresses: true, // the pods look for each other before any of them is ready
          ports: [
            { name: "cluster", port: keycloakPorts.cluster, targetPort: "cluster" },
            { name: "metrics", port: keycloakPorts.management, targetPort: "management" },
          ],
        },
      },
      fixedName,
    );
    const variables = keycloakVariables({
      publicUrl: this.url,
      relativePath,
      behindProxy: exposure.type === "ingress",
      database: { ...database, poolSize: args.poolSize },
      clusterHost: `${args.headlessServiceName}.${plainName}.svc.${args.clusterDomain}`,
    });
    const pods = new StatefulSet(
      `${name}-server`,
      {
        metadata: metadata(args.service.name),
        spec: {
          serviceName: args.headlessServiceName,
          replicas: args.replicas,
          // Concerns starts only: updates still go from pod to pod. In order, a pod that cannot start would keep the
          // correction from ever reaching it.
          podManagementPolicy: "Parallel",
          selector: { matchLabels: podLabels },
          template: {
            metadata: { labels, annotations: checksumAnnotation(pulumi.jsonStringify([database.password, password])) },
            spec: keycloakPod({
              ...args,
              podLabels,
              variables,
              serviceAccountName: args.service.name,
              secretName: `${args.service.name}-environment`,
            }),
          },
        },
      },
      {
        ...fixedName,
        dependsOn: [secret, account, headless, ...database.ready], // the login and the schema; the pods would fail without them
        customTimeouts: { create: "20m", update: "45m" }, // an update stops and starts one pod after the other
      },
    );
    if (args.replicas > 1) {
      new PodDisruptionBudget(
        `${name}-budget`,
        {
          metadata: metadata(args.service.name),
          spec: oneAtATime(podLabels),
        },
        fixedName,
      );
    }
    const web = new WebExposure(
      `${name}-exposure`,
      {
        namespace: args.namespace,
        labels,
        workload: server,
        serviceName: args.service.name,
        port: args.service.port,
        target: { name: "http", port: keycloakPorts.http },
        exposure:
          exposure.type === "ingress"
            ? { ...exposure, annotations: { ...ingressSizes, ...exposure.annotations } }
            : exposure,
        ingressName: args.service.name,
        ingress: args.ingress,
      },
      { parent: this },
    );

    const place = { system: "Keycloak", peer: { namespace: plainName, podLabels } };
    this.workloads = [server];
    this.connections = [
      { from: server, to: database, ports: database.ports },
      { from: server, to: server, ports: [keycloakPorts.cluster, keycloakPorts.failureDetection] },
      ...args.outside.map((to) => ({ from: server, to, ports: to.ports })),
      ...web.connections,
    ];
    this.tables = [pods];
    this.pods = { ...place, ports: [keycloakPorts.http] };
    this.administration = {
      ...this.pods,
      url: `http://${args.service.name}.${plainName}.svc.${args.clusterDomain}:${args.service.port}${relativePath}`,
      username: ADMINISTRATOR,
      password,
      ready: [pods, ...web.ready],
    };
    this.metrics = {
      endpoint: { ...place, ports: [keycloakPorts.management] },
      serviceLabels: podLabels,
      portName: "metrics",
      path: managementPaths.metrics,
    };
    this.registerOutputs({ url: this.url });
  }
}
