import { ConfigMap, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, MariaDbEndpoint, NamespaceBinding, NetworkPlace, Workload } from "../contracts";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { type AccessJobFacts, accessSecretKeys, addAccessJob } from "./mariadb-access-job";
import { accessFiles } from "./mariadb-access-plan";
import type { MariaDbAdministration } from "./mariadb-administrator";
import { loginStatements, type MariaDbClient } from "./mariadb-client";
import { awaitedTables } from "./mariadb-grants";
import { PASSWORD_LENGTH } from "./mariadb-password";
import type { MariaDbSchema } from "./mariadb-schema";

export interface MariaDbAccessArgs<Client extends string> {
  /** Where the Job runs. */
  readonly namespace: NamespaceBinding;
  /** System that the server belongs to, for the labels and the connection graph. */
  readonly system: string;
  /** Start of the names of the Jobs. */
  readonly instance: string;
  /** The official image: the Job uses its client programs. */
  readonly image: ResolvedImage;
  /** The server, one of the platform's or one that somebody else runs. */
  readonly server: MariaDbAdministration;
  /** Their names and versions; their seeds may hold what only a run knows. */
  readonly schemas: pulumi.Input<readonly MariaDbSchema[]>;
  /** What each client gets, under the name that {@link MariaDbAccess.endpoint} takes. Passwords are generated. */
  readonly clients: Readonly<Partial<Record<Client, MariaDbClient>>>;
  readonly lifecycle: {
    /** Refuse to delete or replace the passwords. */
    readonly protectData: boolean;
  };
}

/** The schemas at a MariaDB server, their tables, and one login with its own rights for each client. */
export class MariaDbAccess<Client extends string> extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** What `MariaDbTableGrants` needs to run the same plan again. */
  readonly job: AccessJobFacts;
  /** Tables of other applications that some rights wait for, as `schema.table`. */
  readonly awaitedTables: readonly string[];

  private readonly logins: ReadonlyMap<Client, MariaDbEndpoint>;

  constructor(name: string, args: MariaDbAccessArgs<Client>, opts?: pulumi.ComponentResourceOptions) {
    super("platform:data:MariaDbAccess", name, {}, opts);
    const child = { parent: this };
    const { server } = args;
    const instance = `${args.instance}-access`;
    const names = { system: args.system, software: "mariadb", instance };
    const labels = standardLabels({ ...names, component: "access" });
    const metadata = { namespace: args.namespace.name, labels };
    const workload: Workload = {
      system: args.system,
      name: instance,
      namespace: args.namespace.plainName,
      podLabels: selectorLabels(names),
    };

    const clients = (Object.entries(args.clients) as [Client, MariaDbClient][])
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, client]) => ({
        key,
        client,
        password: new RandomPassword(
          `${name}-${key}-password`,
          { length: PASSWORD_LENGTH, special: false },
          { ...child, protect: args.lifecycle.protectData },
        ).result,
      }));
    const planned = clients.map(({ client }) => client);
    const files = pulumi.output(args.schemas).apply((schemas) => accessFiles(schemas, planned));
    const withPasswords = pulumi.all(
      clients.map(({ client, password }) => password.apply((each) => ({ ...client, password: each }))),
    );
    const content = pulumi.secret(
      pulumi.all([server.password, server.certificateAuthority ?? "", withPasswords]).apply(
        ([administrator, authority, each]): Record<string, string> => ({
          [accessSecretKeys.administrator]: administrator,
          [accessSecretKeys.authority]: authority,
          [accessSecretKeys.logins]: loginStatements(each),
        }),
      ),
    );
    const secret = new Secret(`${name}-secrets`, { metadata, stringData: content }, child);
    const configMap = new ConfigMap(`${name}-files`, { metadata, data: files }, child);
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, child);
    this.job = {
      image: args.image,
      server,
      workload,
      namespace: args.namespace.name,
      labels,
      serviceAccountName: account.metadata.name,
      files: { configMapName: configMap.metadata.name, content: files },
      secret: { name: secret.metadata.name, content },
    };
    const job = addAccessJob(`${name}-job`, this.job, { suffix: "", awaitedTables: [], dependsOn: [] }, this);

    this.awaitedTables = awaitedTables(planned);
    this.workloads = [workload];
    this.connections = [{ from: workload, to: server, ports: server.ports }];
    this.logins = new Map(
      clients.map(({ key, client, password }) => [
        key,
        {
          system: server.system,
          ports: server.ports,
          peer: server.peer,
          host: server.host,
          port: server.port,
          address: `${server.host}:${server.port}`,
          database: client.database,
          username: client.username,
          password: pulumi.secret(password),
          ready: [job],
        },
      ]),
    );
    this.registerOutputs({});
  }

  /** The login of one of the clients given in the arguments; without the rights that wait for tables of others. */
  endpoint(client: Client): MariaDbEndpoint {
    const login = this.logins.get(client);
    if (login === undefined) {
      const known = [...this.logins.keys()].join(", ");
      throw new pulumi.ResourceError(`The database has no client "${client}"; it has: ${known}.`, this);
    }
    return login;
  }
}
