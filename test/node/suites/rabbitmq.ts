import type { Channel, ConsumeMessage } from "amqplib";
import { VIRTUAL_HOST } from "../../../components/messaging/rabbitmq-definitions";
import { brokerAdministrator } from "../../../components/messaging/topology";
import { DEAD_LETTER_QUEUE, OPENCHECKER_QUEUE, openCheckerClients } from "../../../components/openchecker/queues";
import {
  administratorLogin,
  BROKER,
  BrokerClient,
  clientLogin,
  type Definitions,
  givenDefinitions,
  type Login,
  nextOf,
  type Permission,
} from "../broker-client";
import type { RealPlatform } from "../real-platform";

/** OpenChecker's broker: what it imported, what its users may do, and what becomes of tasks. */
export function rabbitMqTests(current: () => RealPlatform): void {
  let broker: BrokerClient;
  let definitions: Definitions;
  let administrator: Login;
  let main: Login;
  let worker: Login;

  beforeAll(async () => {
    const platform = current();
    definitions = await givenDefinitions(platform);
    administrator = await administratorLogin(platform);
    main = await clientLogin(platform, BROKER.main);
    worker = await clientLogin(platform, BROKER.worker);
    broker = await BrokerClient.open(platform);
  });
  afterEach(() =>
    broker.as(administrator, async (channel) => {
      await channel.purgeQueue(OPENCHECKER_QUEUE);
      await channel.purgeQueue(DEAD_LETTER_QUEUE);
    }),
  );
  afterAll(() => broker?.close());

  const managed = async <Answer>(path: string) => (await (await broker.manage(path, administrator)).json()) as Answer;

  test("has both queues, durable and replicated, with dead-lettering into the other one", async () => {
    const queues = await managed<{ name: string; type: string; durable: boolean; arguments: unknown }[]>("queues");
    const sorted = [...definitions.queues].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(sorted.map(({ name }) => name)).toEqual([DEAD_LETTER_QUEUE, OPENCHECKER_QUEUE]);
    expect(queues.map(({ name, type, durable }) => ({ name, type, durable }))).toEqual(
      sorted.map(({ name }) => ({ name, type: "quorum", durable: true })),
    );
    for (const [index, queue] of queues.entries()) expect(queue.arguments).toEqual(sorted[index]?.arguments);
  });

  test("applies the policies of its definitions", async () => {
    const queues = await managed<{ name: string; policy: string; effective_policy_definition: unknown }[]>("queues");
    for (const { name, definition } of definitions.policies) {
      expect(queues.find((queue) => queue.name === name)).toMatchObject({
        policy: name,
        effective_policy_definition: definition,
      });
    }
    expect(definitions.policies).toHaveLength(2);
  });

  test("has the users of its definitions and no others, each with no more rights than its program needs", async () => {
    const known = [brokerAdministrator, ...Object.values(openCheckerClients)];
    const byUser = <Named extends { readonly user: string }>(list: readonly Named[]) =>
      [...list].sort((a, b) => (a.user < b.user ? -1 : 1));
    expect(byUser(await managed<Permission[]>("permissions"))).toEqual(
      byUser(
        known.map(({ username, configure, write, read }) => ({
          user: username,
          vhost: VIRTUAL_HOST,
          configure,
          write,
          read,
        })),
      ),
    );
    const users = await managed<{ name: string; tags: string[] }[]>("users");
    expect(users.map(({ name, tags }) => [name, tags]).sort()).toEqual(
      known.map((each) => [each.username, "tags" in each ? each.tags : []]).sort(),
    );
  });

  test("lets in nobody with a wrong password, and has no user guest", async () => {
    await expect(broker.connect({ ...main, password: "wrong" })).rejects.toThrow(/ACCESS.REFUSED/);
    await expect(broker.connect({ username: "guest", password: "guest" })).rejects.toThrow(/ACCESS.REFUSED/);
  });

  test("lets the API look for its queues and publish, and do nothing else", async () => {
    await broker.publish(main, "task");
    await broker.as(main, async (channel) => {
      expect(await channel.checkQueue(OPENCHECKER_QUEUE)).toMatchObject({ messageCount: 1 });
      expect(await channel.checkQueue(DEAD_LETTER_QUEUE)).toMatchObject({ messageCount: 0 });
    });
    expect(await broker.refusalOf(main, (channel) => channel.consume(OPENCHECKER_QUEUE, () => {}))).toMatch(REFUSED);
    expect(await broker.refusalOf(main, (channel) => channel.assertQueue("another"))).toMatch(REFUSED);
    expect(await broker.refusalOf(main, (channel) => channel.deleteQueue(OPENCHECKER_QUEUE))).toMatch(REFUSED);
    expect((await broker.manage("overview", main)).status).toBe(401);
  });

  test("lets the workers take tasks, and do nothing else", async () => {
    await broker.publish(main, "task");
    await broker.as(worker, async (channel) => {
      const message = await next(channel);
      expect(message.content.toString()).toBe("task");
      channel.ack(message);
    });
    const push = (channel: Channel) => channel.publish("", OPENCHECKER_QUEUE, Buffer.from("forged"));
    expect(await broker.refusalOf(worker, push)).toMatch(REFUSED);
    expect(await broker.refusalOf(worker, (channel) => channel.get(DEAD_LETTER_QUEUE))).toMatch(REFUSED);
    expect(await broker.refusalOf(worker, (channel) => channel.purgeQueue(DEAD_LETTER_QUEUE))).toMatch(REFUSED);
    expect((await broker.manage("overview", worker)).status).toBe(401);
  });

  test("moves a task that a worker rejects to the dead letters", async () => {
    await broker.publish(main, "failed");
    await broker.as(worker, async (channel) => channel.nack(await next(channel), false, false));
    expect(await broker.take(administrator, DEAD_LETTER_QUEUE, 1)).toEqual(["failed"]);
  });

  test("moves a task that fails or kills its workers to the dead letters after as many tries as set", async () => {
    const policy = definitions.policies.find(({ name }) => name === OPENCHECKER_QUEUE);
    // The broker counts the times a message came back, which is one less than the times it went out.
    const tries = Number(policy?.definition["delivery-limit"]) + 1;
    expect(tries).toBeGreaterThan(1);
    await broker.publish(main, "poison");
    for (let attempt = 1; attempt <= tries; attempt++) {
      await broker.as(main, async (channel) =>
        expect(await channel.checkQueue(DEAD_LETTER_QUEUE)).toMatchObject({ messageCount: 0 }),
      );
      await broker.as(worker, async (channel) => {
        // Given back at first; by a consumer it would come at once again, and count twice.
        const message = attempt === 1 ? await nextOf(channel, OPENCHECKER_QUEUE) : await next(channel);
        expect(message.content.toString()).toBe("poison");
        if (attempt === 1) channel.nack(message, false, true);
        // Later the worker dies: its connection closes with the message unacknowledged.
      });
    }
    expect(await broker.take(administrator, DEAD_LETTER_QUEUE, 1)).toEqual(["poison"]);
    await broker.as(worker, async (channel) => expect(await channel.get(OPENCHECKER_QUEUE)).toBe(false));
  });

  test("keeps tasks when its pod is deleted", async () => {
    const tasks = ["first", "second", "third"];
    await broker.publish(main, ...tasks);
    const before = await current().podOf(BROKER.namespace, BROKER.podLabels);
    await current().kubectl.read("--namespace", BROKER.namespace, "delete", "pod", before.metadata.name);
    await current().untilAnother(BROKER.namespace, BROKER.podLabels, before);
    expect(await broker.take(worker, OPENCHECKER_QUEUE, tasks.length)).toEqual(tasks);
  });
}

const REFUSED = /ACCESS_REFUSED/;

/** The next task that a worker gets, not yet acknowledged. */
async function next(channel: Channel): Promise<ConsumeMessage> {
  await channel.prefetch(1);
  return new Promise((resolve, reject) =>
    channel.consume(OPENCHECKER_QUEUE, (message) => message !== null && resolve(message)).catch(reject),
  );
}
