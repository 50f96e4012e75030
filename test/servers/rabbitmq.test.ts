import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Channel } from "amqplib";
import { brokerAlerts } from "../../components/messaging/rabbitmq-alerts";
import { brokerConfiguration, ENABLED_PLUGINS } from "../../components/messaging/rabbitmq-configuration";
import { brokerDefinitions } from "../../components/messaging/rabbitmq-definitions";
import { brokerAdministrator } from "../../components/messaging/topology";
import {
  DEAD_LETTER_QUEUE,
  OPENCHECKER_QUEUE,
  openCheckerClients,
  openCheckerPolicies,
  openCheckerQueues,
} from "../../components/openchecker/queues";
import { eventually, removeFolder } from "../engine/cluster-support";
import { type BrokerFiles, type Login, RabbitMqServer, rabbitMqInstalled } from "../support/rabbitmq-server";
import { describeWith } from "../support/requirements";

/** The files that the platform gives its broker, on a real RabbitMQ. */
const describeIfInstalled = describeWith("rabbitmq-server of the operating system's packages", rabbitMqInstalled);

const login = (username: string, password = `password of ${username}`): Login => ({ username, password });
const main = login(openCheckerClients.main.username);
const worker = login(openCheckerClients.worker.username);
const scaler = login(openCheckerClients.scaler.username);
const administrator = login(brokerAdministrator.username);

const DELIVERY_LIMIT = 3;
const MAX_DEAD_LETTERS = 4;

describeIfInstalled("the platform's broker", () => {
  const folder = join(tmpdir(), `platform-rabbitmq-${randomUUID()}`);
  const server = new RabbitMqServer(folder);

  beforeAll(() => server.start(brokerFiles()));
  afterAll(async () => {
    await server.stop();
    removeFolder(folder);
  });
  afterEach(() =>
    as(administrator, async (channel) => {
      await channel.purgeQueue("opencheck");
      await channel.purgeQueue("dead_letters");
    }),
  );

  test("has both queues, durable and replicated, with dead-lettering into the other one", async () => {
    const queues = (await (await server.manage("queues", administrator)).json()) as Record<string, unknown>[];
    expect(queues.map(({ name, type, durable }) => ({ name, type, durable }))).toEqual([
      { name: "dead_letters", type: "quorum", durable: true },
      { name: "opencheck", type: "quorum", durable: true },
    ]);
    expect(queues[1]?.["arguments"]).toMatchObject({
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "dead_letters",
    });
  });

  test("lets in nobody with a wrong password, and has no user guest", async () => {
    await expect(server.connect(login("openchecker-main", "wrong"))).rejects.toThrow(/ACCESS.REFUSED/);
    await expect(server.connect(login("guest", "guest"))).rejects.toThrow(/ACCESS.REFUSED/);
  });

  test("lets the API look for its queues and publish, and do nothing else", async () => {
    await as(main, async (channel) => {
      expect((await channel.checkQueue("opencheck")).messageCount).toBe(0);
      expect((await channel.checkQueue("dead_letters")).messageCount).toBe(0);
      channel.sendToQueue("opencheck", Buffer.from("task"));
    });
    expect(await contentOf("opencheck", 1)).toEqual(["task"]);
    expect(await refusalOf(main, (channel) => channel.consume("opencheck", () => {}))).toMatch(/ACCESS_REFUSED/);
    expect(await refusalOf(main, (channel) => channel.assertQueue("another"))).toMatch(/ACCESS_REFUSED/);
    expect(await refusalOf(main, (channel) => channel.deleteQueue("opencheck"))).toMatch(/ACCESS_REFUSED/);
  });

  test("lets the workers take tasks, and do nothing else", async () => {
    await publish("task");
    await as(worker, async (channel) => {
      const message = await next(channel);
      expect(message.content.toString()).toBe("task");
      channel.ack(message);
    });
    const push = (channel: Channel) => channel.publish("", "opencheck", Buffer.from("forged"));
    expect(await refusalOf(worker, push)).toMatch(/ACCESS_REFUSED/);
    expect(await refusalOf(worker, (channel) => channel.consume("dead_letters", () => {}))).toMatch(/ACCESS_REFUSED/);
    expect(await refusalOf(worker, (channel) => channel.purgeQueue("dead_letters"))).toMatch(/ACCESS_REFUSED/);
  });

  test("tells the autoscaler how long the queue is, by both ways it can ask, and nothing else", async () => {
    await publish("task");
    await as(scaler, async (channel) => expect((await channel.checkQueue("opencheck")).messageCount).toBe(1));
    expect((await server.manage("queues/%2F/opencheck", scaler)).status).toBe(200);
    expect((await server.manage("users", scaler)).status).toBe(401);
    expect(await refusalOf(scaler, (channel) => channel.get("opencheck"))).toMatch(/ACCESS_REFUSED/);
    expect((await server.manage("queues/%2F/opencheck", worker)).status).toBe(401);
  });

  test("moves a task that a worker rejects to the dead letters", async () => {
    await publish("failed");
    await as(worker, async (channel) => channel.nack(await next(channel), false, false));
    expect(await contentOf("dead_letters", 1)).toEqual(["failed"]);
  });

  test("moves a task that kills its workers to the dead letters after as many tries as set", async () => {
    await publish("poison");
    for (let attempt = 1; attempt <= DELIVERY_LIMIT; attempt++) {
      // A worker that dies closes its connection with the message unacknowledged.
      await as(worker, async (channel) => expect((await next(channel)).content.toString()).toBe("poison"));
    }
    expect(await contentOf("dead_letters", 1)).toEqual(["poison"]);
  });

  test("keeps only the newest dead letters", async () => {
    const tasks = Array.from({ length: MAX_DEAD_LETTERS + 2 }, (_, index) => `task ${index}`);
    await as(administrator, async (channel) => {
      for (const task of tasks) {
        channel.sendToQueue("dead_letters", Buffer.from(task));
      }
    });
    expect(await contentOf("dead_letters", MAX_DEAD_LETTERS)).toEqual(tasks.slice(2));
  });

  test("serves metrics, per queue as well", async () => {
    expect(await (await server.metrics("/metrics")).text()).toContain("rabbitmq_build_info");
    const perQueue = /^rabbitmq_queue_consumers\{.*queue="dead_letters"\} 0$/m;
    // The broker collects them every few seconds.
    await eventually(
      async () => perQueue.test(await (await server.metrics("/metrics/per-object")).text()) || undefined,
    );
  });

  test("serves every metric that an alert looks at, where Prometheus collects them", async () => {
    const [taskQueue, deadLetterQueue] = [OPENCHECKER_QUEUE, DEAD_LETTER_QUEUE];
    const alerts = brokerAlerts({ namespace: "rabbitmq", taskQueue, deadLetterQueue, minimumConsumers: 1 });
    const selectors = alerts.flatMap(({ expr }) => [...expr.matchAll(/(rabbitmq_\w+)\{(.*?)\}/g)]);
    expect(selectors.length).toBeGreaterThanOrEqual(alerts.length);
    const wanted = selectors.map(([, metric = "", labels = ""]) => ({
      metric,
      // The namespace is what Prometheus adds.
      labels: labels.split(",").filter((label) => !label.startsWith("namespace=")),
    }));
    const absent = async () => {
      const lines = (await (await server.metrics("/metrics/per-object")).text()).split("\n");
      return wanted.filter(
        ({ metric, labels }) =>
          !lines.some((line) => /^\w+/.exec(line)?.[0] === metric && labels.every((label) => line.includes(label))),
      );
    };
    // The broker collects them every few seconds.
    await eventually(async () => (await absent()).length === 0 || undefined);
  });

  test("starts again with the same data: keeps tasks, takes new passwords and limits", async () => {
    await publish("not persistent");
    await server.stop();
    const changed = login(worker.username, "another password");
    await server.start(brokerFiles({ worker: changed, deliveryLimit: 1 }));

    await expect(server.connect(worker)).rejects.toThrow(/ACCESS.REFUSED/);
    await as(changed, async (channel) => expect((await next(channel)).content.toString()).toBe("not persistent"));
    expect(await contentOf("dead_letters", 1)).toEqual(["not persistent"]);
  });

  /** Runs an action as this client, on a connection of its own. Returns once the broker has handled everything sent. */
  async function as<Result>(client: Login, action: (channel: Channel) => Promise<Result> | Result): Promise<Result> {
    const connection = await server.connect(client);
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
  async function refusalOf(client: Login, action: (channel: Channel) => unknown): Promise<string> {
    const connection = await server.connect(client);
    try {
      const channel = await connection.createChannel();
      const closed = new Promise<string>((resolve) => channel.once("error", (error: Error) => resolve(error.message)));
      await Promise.allSettled([action(channel)]);
      return await closed;
    } finally {
      await connection.close();
    }
  }

  /** Sends a task and waits until it is in the queue: a quorum queue takes it after the broker has. */
  async function publish(text: string): Promise<void> {
    await as(main, async (channel) => {
      channel.sendToQueue("opencheck", Buffer.from(text));
      await eventually(async () => (await channel.checkQueue("opencheck")).messageCount > 0 || undefined);
    });
  }

  /** The next message that the worker gets, not yet acknowledged. */
  async function next(channel: Channel) {
    await channel.prefetch(1);
    return new Promise<NonNullable<Parameters<Parameters<Channel["consume"]>[1]>[0]>>((resolve, reject) =>
      channel.consume("opencheck", (message) => message !== null && resolve(message)).catch(reject),
    );
  }

  /** Takes this many messages out of a queue, as soon as it has them. */
  function contentOf(queue: string, count: number): Promise<string[]> {
    return as(administrator, async (channel) => {
      const texts: string[] = [];
      await new Promise<void>((resolve, reject) =>
        channel
          .consume(
            queue,
            (message) => message !== null && texts.push(message.content.toString()) === count && resolve(),
            {
              noAck: true,
            },
          )
          .catch(reject),
      );
      return texts;
    });
  }
});

function brokerFiles(changes: { readonly worker?: Login; readonly deliveryLimit?: number } = {}): BrokerFiles {
  return {
    configuration: brokerConfiguration({
      hosts: ["localhost"],
      consumerTimeoutMinutes: 180,
      memory: "512Mi",
      storage: "16Gi",
    }),
    enabledPlugins: ENABLED_PLUGINS,
    definitions: brokerDefinitions({
      users: [
        { ...brokerAdministrator, ...administrator },
        { ...openCheckerClients.main, ...main },
        { ...openCheckerClients.worker, ...(changes.worker ?? worker) },
        { ...openCheckerClients.scaler, ...scaler },
      ],
      queues: openCheckerQueues,
      policies: openCheckerPolicies({
        deliveryLimit: changes.deliveryLimit ?? DELIVERY_LIMIT,
        deadLetterMaxMessages: MAX_DEAD_LETTERS,
      }),
    }),
  };
}
