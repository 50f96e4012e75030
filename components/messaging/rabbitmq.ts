import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  AmqpEndpoint,
  BrokerManagementEndpoint,
  Connection,
  Endpoint,
  NamespaceBinding,
  NetworkPlace,
  Workload,
} from "../contracts";
import { checksumAnnotation } from "../kubernetes/checksum";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { brokerConfiguration, brokerPorts, DEFINITIONS_FILE, ENABLED_PLUGINS } from "./rabbitmq-configuration";
import { brokerDefinitions, VIRTUAL_HOST } from "./rabbitmq-definitions";
import {
  administratorSecret,
  brokerObjects,
  brokerServerSpec,
  clientServiceSpec,
  disruptionBudget,
  nodeHostSuffix,
  nodeHosts,
  nodeServiceSpec,
} from "./rabbitmq-objects";
import { CONFIGURATION_KEY, COOKIE_FILE, PLUGINS_KEY } from "./rabbitmq-pod";
import { type BrokerAccess, type BrokerPolicy, type BrokerQueue, brokerAdministrator } from "./topology";

/** A generated password: long enough to stand for itself, and nothing in it has to be escaped anywhere. */
const generated = { length: 32, special: false };

export interface RabbitMqArgs<Client extends string> {
  readonly namespace: NamespaceBinding;
  /** RabbitMQ 3.13 or later with the management plugin. */
  readonly image: ResolvedImage;
  /** Nodes of the cluster. A cluster can grow from 1 to 3; it cannot shrink. */
  readonly replicas: 1 | 3;
  /** Volume of each node: a Kubernetes quantity, and the storage class. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** Of each node. The broker stops taking messages before it reaches the memory limit. */
  readonly resources: Resources & { readonly limits: { readonly memory: string } };
  /** How long a consumer may keep a message before it is given to another one, in minutes. */
  readonly consumerTimeoutMinutes: number;
  /** Who may log in, under the name that {@link RabbitMq.endpoint} takes. Passwords are generated. */
  readonly clients: Readonly<Record<Client, BrokerAccess>>;
  readonly queues: readonly BrokerQueue[];
  readonly policies: readonly BrokerPolicy[];
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
  readonly lifecycle: {
    /** Refuse to delete or replace the broker and its cookie. */
    readonly protectData: boolean;
    /** Keep the claims when the broker is deleted. */
    readonly retainData: boolean;
  };
}

/** A client of the broker with its password. */
interface ClientLogin<Client> {
  readonly client: Client;
  readonly access: BrokerAccess;
  /** Secret. */
  readonly password: pulumi.Output<string>;
}

/** RabbitMQ on one or three nodes, with its users, queues and policies in place before anybody can connect. */
export class RabbitMq<Client extends string> extends pulumi.ComponentResource implements NetworkPlace {
  readonly workload: Workload;
  readonly workloads: readonly Workload[];
  /** What the nodes say to each other. */
  readonly connections: readonly Connection[];
  /** Management interface and HTTP API, without TLS. */
  readonly management: Endpoint & { readonly host: string; readonly port: number };
  /** Prometheus metrics under `/metrics`, per queue under `/metrics/per-object`. */
  readonly metrics: Endpoint;
  /** Secret. Password of {@link brokerAdministrator}. */
  readonly administratorPassword: pulumi.Output<string>;

  private readonly logins: ReadonlyMap<Client, AmqpEndpoint>;

  constructor(name: string, args: RabbitMqArgs<Client>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:messaging:RabbitMq", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { plainName, name: namespace } = args.namespace;
    const facts = { system: "rabbitmq", instance: brokerObjects.server };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "broker", version: args.image.version });
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels });
    this.workload = { system: "rabbitmq", name: brokerObjects.server, namespace: plainName, podLabels };
    this.workloads = [this.workload];
    const served = (port: number): Endpoint => ({
      system: "RabbitMQ",
      ports: [port],
      peer: { namespace: plainName, podLabels },
    });

    const clients = (Object.entries(args.clients) as [Client, BrokerAccess][]).map(([client, access]) => ({
      client,
      access,
      password: new RandomPassword(`${name}-${client}-password`, generated, { parent: this }).result,
    }));
    this.administratorPassword = new RandomPassword(`${name}-administrator-password`, generated, {
      parent: this,
    }).result;
    // All nodes share it for ever: a running cluster cannot change it.
    const cookie = new RandomPassword(`${name}-cookie`, generated, {
      parent: this,
      protect: args.lifecycle.protectData,
    }).result;

    const hostSuffix = nodeHostSuffix(plainName, args.clusterDomain);
    const hosts = nodeHosts(args.replicas, hostSuffix);
    const configuration = {
      [CONFIGURATION_KEY]: brokerConfiguration({
        hosts,
        consumerTimeoutMinutes: args.consumerTimeoutMinutes,
        memory: args.resources.limits.memory,
        storage: args.storage.size,
      }),
      [PLUGINS_KEY]: ENABLED_PLUGINS,
    };
    const definitions = this.definitions(args, clients);
    const configMap = new ConfigMap(
      `${name}-configuration`,
      { metadata: metadata(brokerObjects.configuration), data: configuration },
      fixedName,
    );
    const definitionsSecret = new Secret(
      `${name}-definitions`,
      { metadata: metadata(brokerObjects.definitions), stringData: { [DEFINITIONS_FILE]: definitions } },
      fixedName,
    );
    const cookieSecret = new Secret(
      `${name}-cookie`,
      { metadata: metadata(brokerObjects.cookie), stringData: { [COOKIE_FILE]: cookie } },
      fixedName,
    );
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadata(brokerObjects.server), automountServiceAccountToken: false },
      fixedName,
    );
    const nodeService = new Service(
      `${name}-nodes`,
      { metadata: metadata(brokerObjects.nodeService), spec: nodeServiceSpec(podLabels) },
      fixedName,
    );
    const server = new StatefulSet(
      `${name}-server`,
      {
        metadata: metadata(brokerObjects.server),
        spec: brokerServerSpec({
          ...args,
          labels,
          podLabels,
          hostSuffix,
          nodeHosts: hosts,
          // Of the files that the server reads only at its start; never of certificates, which it reads by itself:
          // restarting all nodes for each new one has broken quorum queues elsewhere.
          annotations: checksumAnnotation(pulumi.jsonStringify({ configuration, definitions })),
          serviceAccountName: brokerObjects.server,
          configMapName: brokerObjects.configuration,
          definitionsSecretName: brokerObjects.definitions,
          cookieSecretName: brokerObjects.cookie,
          retainData: args.lifecycle.retainData,
        }),
      },
      {
        ...fixedName,
        dependsOn: [configMap, definitionsSecret, cookieSecret, account, nodeService],
        protect: args.lifecycle.protectData,
        customTimeouts: { create: "15m", update: "45m" }, // an update stops and starts one node after the other
      },
    );
    const service = new Service(
      `${name}-service`,
      { metadata: metadata(brokerObjects.service), spec: clientServiceSpec(podLabels) },
      { ...fixedName, dependsOn: [server] }, // whoever uses the host name finds a running broker with its queues
    );
    const host = `${brokerObjects.service}.${plainName}.svc.${args.clusterDomain}`;
    new Secret(
      `${name}-administrator`,
      {
        metadata: metadata(brokerObjects.administratorSecret),
        stringData: administratorSecret(host, this.administratorPassword),
      },
      fixedName,
    );
    if (args.replicas > 1) {
      new PodDisruptionBudget(
        `${name}-budget`,
        { metadata: metadata(brokerObjects.server), spec: disruptionBudget(podLabels) },
        fixedName,
      );
    }

    this.logins = new Map(
      clients.map(({ client, access, password }) => [
        client,
        {
          ...served(brokerPorts.amqp),
          host,
          port: brokerPorts.amqp,
          protocol: "amqp" as const,
          virtualHost: VIRTUAL_HOST,
          username: access.username,
          password: pulumi.secret(password),
          ready: [service],
        },
      ]),
    );
    this.management = { ...served(brokerPorts.management), host, port: brokerPorts.management };
    this.metrics = served(brokerPorts.metrics);
    this.connections =
      args.replicas > 1
        ? [{ from: this.workload, to: this.workload, ports: [brokerPorts.portMapper, brokerPorts.clustering] }]
        : [];
    this.registerOutputs({ host });
  }

  /** The same login at the management interface, for a client with the tag `management`. */
  managementEndpoint(client: Client): BrokerManagementEndpoint {
    return { ...this.endpoint(client), ...this.management, protocol: "http" };
  }

  /** The login of one of the clients given in the arguments. */
  endpoint(client: Client): AmqpEndpoint {
    const login = this.logins.get(client);
    if (login === undefined) {
      const known = [...this.logins.keys()].join(", ");
      throw new pulumi.ResourceError(`The broker has no client "${client}"; it has: ${known}.`, this);
    }
    return login;
  }

  private definitions(args: RabbitMqArgs<Client>, clients: readonly ClientLogin<Client>[]): pulumi.Output<string> {
    const users = pulumi.all([
      this.administratorPassword.apply((each) => ({ ...brokerAdministrator, password: each })),
      ...clients.map(({ access, password }) => password.apply((each) => ({ ...access, password: each }))),
    ]);
    return pulumi.secret(
      users.apply((each) => brokerDefinitions({ users: each, queues: args.queues, policies: args.policies })),
    );
  }
}
