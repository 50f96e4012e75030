import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { PersistentVolumeClaim, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  Connection,
  Endpoint,
  Issuer,
  NamespaceBinding,
  NetworkPlace,
  PostgresEndpoint,
  SonarEndpoint,
  Workload,
} from "../contracts";
import { type Exposure, type IngressFacts, publicUrl } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { claim as claimOf } from "../kubernetes/claim";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { addSonarBootstrap } from "./sonarqube-bootstrap";
import { databaseVariables } from "./sonarqube-database";
import { TOKEN_KEY } from "./sonarqube-desired-state";
import { type Heaps, type NodeKernel, podExceptions, SONAR_PORT, sonarPod } from "./sonarqube-pod";

/** The only administrator; its name is fixed in SonarQube. */
const ADMINISTRATOR = "admin";

/** A generated password: long enough to stand for itself, and nothing in it has to be escaped anywhere. */
const generated = { length: 32, special: false };

/** What analyses need that are sent through an ingress (upstream): large reports, and patience. */
const ingressLimits = {
  "nginx.ingress.kubernetes.io/client-body-buffer-size": "200m",
  "nginx.ingress.kubernetes.io/proxy-body-size": "200m",
  "nginx.ingress.kubernetes.io/proxy-connect-timeout": "300",
  "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
  "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
};

/** A system that has analyses made. */
export interface ConsumerFacts {
  /** User that it logs in as; lower-case letters, digits and dashes, since it is also part of names of objects. */
  readonly username: string;
  /** Name that people see. */
  readonly displayName: string;
  /** Where its pods run: it gets its token as a Secret there. */
  readonly namespace: NamespaceBinding;
  /** Life of the token in days. @default none, it lives until somebody revokes it */
  readonly tokenDays?: number | undefined;
}

export interface SonarQubeArgs<Consumer extends string> {
  readonly namespace: NamespaceBinding;
  /** System that the server belongs to, for the labels and the connection graph. @default sonarqube */
  readonly system?: string;
  /** Name of Deployment, Service and Ingress; the other objects are called after it. @default sonarqube (upstream) */
  readonly instance?: string;
  /** Community edition, 10.x. */
  readonly image: ResolvedImage;
  /** Python 3, with `sysctl`: it runs the script that sets up the server. */
  readonly toolImage: ResolvedImage;
  readonly database: PostgresEndpoint;
  readonly resources: Resources;
  readonly heaps: Heaps;
  readonly kernel: NodeKernel;
  /** The claim: a Kubernetes quantity, and the storage class. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  readonly exposure: Exposure;
  readonly ingress: IngressFacts;
  /** Signs the certificate when the exposure wants a self-made one. */
  readonly issuer?: Issuer | undefined;
  /** What the administrator's password is, where somebody has changed it. @default a generated one */
  readonly administratorPassword?: pulumi.Input<string> | undefined;
  /** Who has analyses made, under the name that {@link SonarQube.endpoint} takes. */
  readonly consumers: Readonly<Record<Consumer, ConsumerFacts>>;
  /** Settings of the server, by name; those that are not named are left alone. */
  readonly serverSettings: Readonly<Record<string, string>>;
  /** When users and tokens are looked through again, five cron fields. */
  readonly schedule: string;
  readonly kubernetesApi: Endpoint;
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
  readonly lifecycle: {
    /** Refuse to delete or replace the claim and the administrator's password. */
    readonly protectData: boolean;
    /** Leave the claim in the cluster when the stack is destroyed. */
    readonly retainData: boolean;
  };
}

/** One SonarQube server, with a user and an analysis token for each consumer. The edition knows no second instance. */
export class SonarQube<Consumer extends string> extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  readonly url: pulumi.Input<string> | undefined;
  readonly administrator: { readonly username: string; readonly password: pulumi.Output<string> };

  private readonly logins: ReadonlyMap<Consumer, SonarEndpoint>;

  constructor(name: string, args: SonarQubeArgs<Consumer>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:inspection:SonarQube", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { system = "sonarqube", instance = "sonarqube", lifecycle, database } = args;
    const { plainName, name: namespace } = args.namespace;
    const podLabels = { app: instance };
    const facts = { system, software: "sonarqube", instance, component: "server" };
    const labels = { ...podLabels, ...standardLabels({ ...facts, version: args.image.version }) };
    const metadata = { namespace, labels };
    const server: Workload = { system, name: instance, namespace: plainName, podLabels };
    const passwordOf = (owner: string, protect: boolean) =>
      new RandomPassword(`${name}-${owner}-password`, generated, { parent: this, protect }).result;

    // Made in any case: a setting that comes later must not remove what is protected.
    const made = passwordOf("administrator", lifecycle.protectData);
    const password = pulumi.secret(args.administratorPassword ?? made);
    this.administrator = { username: ADMINISTRATOR, password };
    const variables = databaseVariables(database);
    const databaseSecret = new Secret(`${name}-database`, { metadata, stringData: variables }, { parent: this });
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      { parent: this },
    );
    const claim = new PersistentVolumeClaim(
      `${name}-claim`,
      claimOf({
        ...args.storage,
        name: `${instance}-pvc`,
        namespace,
        labels: { ...podLabels, ...standardLabels(facts) }, // no version among them: the claim outlives it
        accessMode: "ReadWriteOnce",
      }),
      { ...fixedName, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
    );
    const deployment = new Deployment(
      `${name}-server`,
      {
        metadata: { ...metadata, name: instance, annotations: exceptionAnnotations(podExceptions(args.kernel)) },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" }, // two servers must never share the volume and the database
          revisionHistoryLimit: 3,
          selector: { matchLabels: podLabels },
          template: {
            metadata: { labels, annotations: checksumAnnotation(pulumi.jsonStringify(variables)) },
            spec: sonarPod({
              ...args,
              serviceAccountName: account.metadata.name,
              claimName: claim.metadata.name,
              databaseSecretName: databaseSecret.metadata.name,
            }),
          },
        },
      },
      { ...fixedName, dependsOn: [...database.ready], customTimeouts: { create: "20m", update: "20m" } },
    );
    // For the Job below alone: nobody else is to reach a server whose first password everybody knows.
    const setupName = `${instance}-setup`;
    const setup = new Service(
      `${name}-setup`,
      {
        metadata: { ...metadata, name: setupName },
        spec: { selector: podLabels, ports: [{ name: "http", port: SONAR_PORT, targetPort: "http" }] },
      },
      { ...fixedName, dependsOn: [deployment] }, // its address is of use only with a server behind it
    );
    const consumers = (Object.entries(args.consumers) as [Consumer, ConsumerFacts][]).map(([key, consumer]) => ({
      ...consumer,
      key,
      secretName: `${instance}-${consumer.username}-token`,
      password: passwordOf(key, false),
    }));
    const bootstrap = addSonarBootstrap(
      `${name}-bootstrap`,
      {
        ...args,
        system,
        instance: `${instance}-bootstrap`,
        serverSettings: args.serverSettings,
        image: args.toolImage,
        url: `http://${setupName}:${SONAR_PORT}`,
        after: [setup],
        server,
        serverPort: SONAR_PORT,
        administratorPassword: this.administrator.password,
        consumers,
        publicUrl: publicUrl(args.exposure),
      },
      this,
    );
    const web = new WebExposure(
      `${name}-exposure`,
      {
        namespace: args.namespace,
        labels,
        workload: server,
        serviceName: instance,
        port: SONAR_PORT,
        target: { name: "http", port: SONAR_PORT },
        after: [bootstrap.job], // it changes the first password
        exposure: withLimits(args.exposure),
        ingressName: instance,
        ingress: args.ingress,
        ...(args.issuer !== undefined && { issuer: args.issuer }),
      },
      { parent: this },
    );
    this.url = web.url;
    this.workloads = [server, bootstrap.workload];
    this.connections = [
      { from: server, to: database, ports: database.ports },
      ...bootstrap.connections,
      ...web.connections,
    ];
    const host = `${instance}.${plainName}.svc.${args.clusterDomain}`;
    this.logins = new Map(
      consumers.map(({ key, username, password: each, secretName }) => [
        key,
        {
          system: "SonarQube",
          ports: [SONAR_PORT],
          peer: { namespace: plainName, podLabels },
          scheme: "http",
          host,
          port: SONAR_PORT,
          username,
          password: pulumi.secret(each),
          token: { kind: "secretKey", secretName, key: TOKEN_KEY },
          ready: [bootstrap.job, ...web.ready],
        },
      ]),
    );
    this.registerOutputs({ url: this.url });
  }

  /** The login of one of the consumers given in the arguments. Its token is a Secret in the consumer's namespace. */
  endpoint(consumer: Consumer): SonarEndpoint {
    const login = this.logins.get(consumer);
    if (login === undefined) {
      const known = [...this.logins.keys()].join(", ") || "none";
      throw new pulumi.ResourceError(`SonarQube has no consumer "${consumer}"; it has: ${known}.`, this);
    }
    return login;
  }
}

function withLimits(exposure: Exposure): Exposure {
  return exposure.type === "ingress"
    ? { ...exposure, annotations: { ...ingressLimits, ...exposure.annotations } }
    : exposure;
}
