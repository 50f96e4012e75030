import { type Channel, type ChannelModel, connect, type GetMessage } from "amqplib";
import { brokerPorts, DEFINITIONS_FILE } from "../../components/messaging/rabbitmq-configuration";
import { brokerObjects } from "../../components/messaging/rabbitmq-objects";
import { OPENCHECKER_QUEUE } from "../../components/openchecker/queues";
import { eventually } from "../engine/cluster-support";
import type { RealPlatform } from "./real-platform";
import { ServiceRelay } from "./service-relay";

/** Where the broker and its clients are, by the objects of the stack. */
export const BROKER = {
  namespace: "rabbitmq",
  statefulSet: brokerObjects.server,
  podLabels: { "app.kubernetes.io/name": "rabbitmq" },
  clientNamespace: "openchecker",
  main: "openchecker-main",
  worker: "openchecker-agent",
} as const;

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The file that the broker imports, as far as tests look at it. */
export interface Definitions {
  readonly users: readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly permissions: readonly Permission[];
  readonly queues: readonly {
    readonly name: string;
    readonly durable: boolean;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
  readonly policies: readonly { readonly name: string; readonly definition: Readonly<Record<string, unknown>> }[];
}

export interface Permission {
  readonly user: string;
  readonly vhost: string;
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

export async function givenDefinitions(platform: RealPlatform): Promise<Definitions> {
  const { [DEFINITIONS_FILE]: text = "" } = await platform.secret(BROKER.namespace, brokerObjects.definitions);
  return JSON.parse(text) as Definitions;
}

/** The login in the file that a program of OpenChecker reads. @param deployment its name */
export async function clientLogin(platform: RealPlatform, deployment: string): Promise<Login> {
  const { spec } = await platform.object<{
    spec: { template: { spec: { volumes: { secret?: { secretName: string } }[] } } };
  }>(BROKER.clientNamespace, "deployment", deployment);
  for (const { secret } of spec.template.spec.volumes) {
    if (secret === undefined) continue;
    const { "config.ini": file } = await platform.secret(BROKER.clientNamespace, secret.secretName);
    const section = file?.split(/^(?=\[)/m).find((each) => each.startsWith("[RabbitMQ]"));
    const value = (key: string) => new RegExp(`^${key} = (.*)$`, "m").exec(section ?? "")?.[1]?.replaceAll("%%", "%");
    const [username, password] = [value("username"), value("password")];
    if (username !== undefined && password !== undefined) return { username, password };
  }
  throw new Error(`No Secret of ${deployment} has a config.ini with a login at the broker.`);
}

export async function administratorLogin(platform: RealPlatform): Promise<Login> {
  const { username = "", password = "" } = await platform.secret(BROKER.namespace, brokerObjects.administratorSecret);
  return { username, password };
}

/** The broker, reached past the network policies: what its own rules allow is looked at here. It may restart meanwhile. */
export class BrokerClient {
  private constructor(
    private readonly amqp: ServiceRelay,
    private readonly management: ServiceRelay,
  ) {}

  static async open(platform: RealPlatform): Promise<BrokerClient> {
    await platform.untilReady(BROKER.namespace, `statefulset/${BROKER.statefulSet}`);
    const relay = (port: number) => ServiceRelay.open(platform, BROKER.namespace, brokerObjects.service, port);
    return new BrokerClient(await relay(brokerPorts.amqp), await relay(brokerPorts.management));
  }

  async close(): Promise<void> {
    await this.amqp.close();
    await this.management.close();
  }

  /** Rejected when the login is. */
  connect({ username, password }: Login): Promise<ChannelModel> {
    return connect({ hostname: "127.0.0.1", port: this.amqp.port, username, password, vhost: "/" });
  }

  /** Asks the management interface. @param path below `/api/` */
  manage(path: string, { username, password }: Login): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    // One connection for each request: the next one may come after a restart.
    const headers = { authorization, connection: "close" };
    return fetch(`http://127.0.0.1:${this.management.port}/api/${path}`, { headers });
  }

  /** Runs an action on a connection of its own, which is closed after it: what was not acknowledged goes back. */
  async as<Result>(login: Login, action: (channel: Channel) => Promise<Result> | Result): Promise<Result> {
    const connection = await this.connect(login);
    try {
      const channel = await connection.createChannel();
      const result = await action(channel);
      await channel.close();
      return result;
    } finally {
      await connection.close();
    }
  }

  /** Why the broker refuses an action: it closes the channel, whether or not the action itself gets an answer. */
  async refusalOf(login: Login, action: (channel: Channel) => unknown): Promise<string> {
    const connection = await this.connect(login);
    try {
      const channel = await connection.createChannel();
      const closed = new Promise<string>((resolve) => channel.once("error", (error: Error) => resolve(error.message)));
      await Promise.allSettled([action(channel)]);
      return await closed;
    } finally {
      await connection.close();
    }
  }

  /** Sends persistent tasks, and waits until the broker has confirmed each: from then on it must not lose any. */
  async publish(login: Login, ...tasks: readonly string[]): Promise<void> {
    const connection = await this.connect(login);
    try {
      const channel = await connection.createConfirmChannel();
      for (const task of tasks) channel.sendToQueue(OPENCHECKER_QUEUE, Buffer.from(task), { persistent: true });
      await channel.waitForConfirms();
      await channel.close();
    } finally {
      await connection.close();
    }
  }

  /** Takes this many messages out of a queue, as soon as it has them. */
  take(login: Login, queue: string, count: number): Promise<string[]> {
    return this.as(login, async (channel) => {
      const texts: string[] = [];
      while (texts.length < count) {
        const message = await nextOf(channel, queue);
        channel.ack(message);
        texts.push(message.content.toString());
      }
      return texts;
    });
  }
}

/** The next message of a queue, not yet acknowledged. */
export function nextOf(channel: Channel, queue: string): Promise<GetMessage> {
  return eventually(async () => (await channel.get(queue)) || undefined);
}
