import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, PersistentVolumeClaim, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  Connection,
  Endpoint,
  Issuer,
  NamespaceBinding,
  NetworkPlace,
  PodLabels,
  PostgresEndpoint,
  Workload,
} from "../contracts";
import { checksumAnnotation } from "../kubernetes/checksum";
import { standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { accessPlan, EXPORTER_ROLE, type PlannedRole } from "./postgres-access";
import { addAccessJob } from "./postgres-access-job";
import { addPostgresCertificate } from "./postgres-certificate";
import { POSTGRES_PORT } from "./postgres-configuration";
import { loginRules } from "./postgres-logins";
import { EXPORTER_PORT, serverPod, serverSecretKeys } from "./postgres-pod";
import { postgresUrl } from "./postgres-url";

/** A generated password: long enough to stand for itself, and nothing in it has to be escaped anywhere. */
const generated = { length: 32, special: false };

export interface PostgresDatabaseArgs<Client extends string> {
  readonly namespace: NamespaceBinding;
  /** System that the server belongs to, for the labels and the connection graph. */
  readonly system: string;
  /** Deployment and label `app`; Service and claim are called after it, as in the seed. @default postgres (seed) */
  readonly instance?: string;
  /** An alpine image of PostgreSQL 15 or later. */
  readonly image: ResolvedImage;
  readonly resources: Resources & { readonly limits: { readonly memory: string } };
  /** The claim: a Kubernetes quantity, and the storage class. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** Connections of all clients together. */
  readonly maxConnections: number;
  /** What each client gets, under the name that {@link PostgresDatabase.endpoint} takes. Passwords are generated. */
  readonly clients: Readonly<Record<Client, { readonly database: string; readonly username: string }>>;
  /** Signs the server's certificate. @default no TLS */
  readonly issuer?: Extract<Issuer, { kind: "selfMade" }>;
  /** Metrics exporter beside the server. @default none */
  readonly exporter?: { readonly image: ResolvedImage };
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
  readonly lifecycle: {
    /** Refuse to delete or replace the claim and the passwords. */
    readonly protectData: boolean;
    /** Leave the claim and the administrator's password in the cluster when the stack is destroyed. */
    readonly retainData: boolean;
  };
}

/**
 * One PostgreSQL server on a ReadWriteOnce claim, as the KubeKloud seed has it, with a role and a database for each
 * client. There is never a second instance; where that is needed, clients take an external endpoint instead.
 */
export class PostgresDatabase<Client extends string> extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Prometheus metrics under `/metrics`, when there is an exporter; and how to find the Service. */
  readonly metrics:
    | { readonly endpoint: Endpoint; readonly serviceLabels: PodLabels; readonly portName: string }
    | undefined;

  private readonly logins: ReadonlyMap<Client, (fromNamespace: string) => PostgresEndpoint>;

  constructor(name: string, args: PostgresDatabaseArgs<Client>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:data:PostgresDatabase", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { instance = "postgres", lifecycle } = args;
    const { plainName, name: namespace } = args.namespace;
    const podLabels = { app: instance };
    const facts = { system: args.system, software: "postgresql", instance, component: "database" };
    const labels = { ...podLabels, ...standardLabels({ ...facts, version: args.image.version }) };
    const metadata = { namespace, labels };
    const server: Workload = { system: args.system, name: instance, namespace: plainName, podLabels };

    const clients = (Object.entries(args.clients) as [Client, { database: string; username: string }][]).map(
      ([client, login]) => ({ client, ...login, password: this.password(name, client, lifecycle.protectData) }),
    );
    const exporterPassword = args.exporter && this.password(name, "exporter", false);
    const serverSecret = new Secret(
      `${name}-server`,
      {
        metadata,
        stringData: {
          // The image applies it to an empty volume only.
          [serverSecretKeys.administrator]: this.password(name, "administrator", lifecycle.protectData),
          ...(exporterPassword !== undefined && { [serverSecretKeys.exporter]: exporterPassword }),
        },
      },
      // Stays with the claim: without it nobody but the system user could open what is there.
      { parent: this, retainOnDelete: lifecycle.retainData },
    );
    const logins = loginRules(clients.map(({ username }) => username));
    const loginMap = new ConfigMap(`${name}-logins`, { metadata, data: logins }, { parent: this });
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      { parent: this },
    );
    const claim = new PersistentVolumeClaim(
      `${name}-claim`,
      {
        // No version among the labels: the claim outlives it.
        metadata: { namespace, name: `${instance}-pvc`, labels: { ...podLabels, ...standardLabels(facts) } },
        spec: {
          accessModes: ["ReadWriteOnce"],
          ...(args.storage.class !== undefined && { storageClassName: args.storage.class }),
          resources: { requests: { storage: args.storage.size } },
        },
      },
      { ...fixedName, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
    );
    const serviceName = `${instance}-service`;
    const hostName = `${serviceName}.${plainName}.svc.${args.clusterDomain}`;
    const certificate =
      args.issuer &&
      addPostgresCertificate(
        name,
        { issuer: args.issuer, host: hostName, aliases: [serviceName, `${serviceName}.${plainName}.svc`], metadata },
        this,
      );
    const deployment = new Deployment(
      `${name}-server`,
      {
        metadata: { ...metadata, name: instance },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" }, // two servers must never share the volume
          revisionHistoryLimit: 3,
          selector: { matchLabels: podLabels },
          template: {
            metadata: {
              labels,
              annotations: checksumAnnotation(
                pulumi.jsonStringify({ logins, certificate: certificate?.certificate ?? null }),
              ),
            },
            spec: serverPod({
              ...args,
              probeUser: clients[0]?.username ?? EXPORTER_ROLE,
              usual: clients.length === 1 ? clients[0] : undefined,
              loginsName: loginMap.metadata.name,
              exporterImage: args.exporter?.image,
              serviceAccountName: account.metadata.name,
              claimName: claim.metadata.name,
              secretName: serverSecret.metadata.name,
              certificateSecretName: certificate?.secretName,
            }),
          },
        },
      },
      { ...fixedName, customTimeouts: { create: "15m", update: "15m" } },
    );
    const service = new Service(
      `${name}-service`,
      {
        metadata: { ...metadata, name: serviceName },
        spec: {
          selector: podLabels,
          ports: [
            { name: "postgres", port: POSTGRES_PORT, targetPort: "postgres" },
            ...(args.exporter ? [{ name: "metrics", port: EXPORTER_PORT, targetPort: "metrics" }] : []),
          ],
        },
      },
      { ...fixedName, dependsOn: [deployment] }, // its address is of use only with a server behind it
    );

    const exporterRole = exporterPassword?.apply((each): PlannedRole[] => [
      { name: EXPORTER_ROLE, password: each, memberOf: ["pg_monitor"] },
    ]);
    const plan = pulumi.secret(
      pulumi.all([pulumi.output(clients), exporterRole ?? []]).apply(([each, monitoring]) =>
        accessPlan(
          [...each.map(({ username, password }) => ({ name: username, password })), ...monitoring],
          each.map(({ database, username }) => ({ name: database, owner: username })),
        ),
      ),
    );
    const access = addAccessJob(
      name,
      {
        namespace: args.namespace,
        system: args.system,
        instance,
        image: args.image,
        plan,
        host: serviceName,
        tls: certificate !== undefined,
        serviceAccountName: account.metadata.name,
        serverSecretName: serverSecret.metadata.name,
        dependsOn: [service],
      },
      this,
    );

    const place = { system: "PostgreSQL", peer: { namespace: plainName, podLabels } };
    this.workloads = [server, access.workload];
    this.metrics = args.exporter && {
      endpoint: { ...place, ports: [EXPORTER_PORT] },
      serviceLabels: podLabels,
      portName: "metrics",
    };
    this.connections = [{ from: access.workload, to: server, ports: [POSTGRES_PORT] }];
    this.logins = new Map(
      clients.map(({ client, database, username, password }) => [
        client,
        (fromNamespace: string): PostgresEndpoint => {
          const host = fromNamespace === plainName ? serviceName : hostName;
          const sslmode = args.issuer === undefined ? "disable" : "verify-full";
          return {
            ...place,
            ports: [POSTGRES_PORT],
            host,
            port: POSTGRES_PORT,
            database,
            username,
            password: pulumi.secret(password),
            sslmode,
            ...(args.issuer !== undefined && { certificateAuthority: args.issuer.certificate }),
            url: pulumi.secret(
              password.apply((secret) =>
                postgresUrl({ host, port: POSTGRES_PORT, database, username, password: secret, sslmode }),
              ),
            ),
            ready: [access.job],
          };
        },
      ]),
    );
    this.registerOutputs({ host: hostName });
  }

  /**
   * The login of one of the clients given in the arguments.
   * @param fromNamespace namespace of the client's pods: in the server's own, the Service's short name is the host (seed)
   */
  endpoint(client: Client, fromNamespace: string): PostgresEndpoint {
    const login = this.logins.get(client);
    if (login === undefined) {
      const known = [...this.logins.keys()].join(", ");
      throw new pulumi.ResourceError(`The database server has no client "${client}"; it has: ${known}.`, this);
    }
    return login(fromNamespace);
  }

  private password(name: string, owner: string, protect: boolean): pulumi.Output<string> {
    return new RandomPassword(`${name}-${owner}-password`, generated, { parent: this, protect }).result;
  }
}
