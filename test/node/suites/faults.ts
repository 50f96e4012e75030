import { OPENCHECKER_QUEUE } from "../../../components/openchecker/queues";
import { eventually } from "../../engine/cluster-support";
import { administratorLogin, BROKER, BrokerClient, clientLogin, type Login } from "../broker-client";
import { apiLabels, DATABASE, DatabaseClient, databaseUrl } from "../database-client";
import { FilledVolume } from "../filled-volume";
import type { RealPlatform } from "../real-platform";

/** Enough that the server is in the middle of its work when it is killed. */
const ROWS_BEFORE_KILL = 200;

/** What the platform's servers keep when something breaks, and that the platform comes back by itself. */
export function faultTests(current: () => RealPlatform): void {
  describe("of the database", () => {
    const { namespace, workload, podLabels } = DATABASE;
    let client: DatabaseClient;

    beforeAll(async () => {
      const labels = await apiLabels(current());
      const pod = { namespace, name: "probe-database-writer", labels };
      client = await DatabaseClient.start(current(), pod, await databaseUrl(current()));
    });
    afterAll(() => client?.remove());

    test("killed in the middle of writing, it comes back with everything that it had acknowledged", async () => {
      await client.query("CREATE TABLE written (number int PRIMARY KEY)");
      const before = await current().podOf(namespace, podLabels);
      let acknowledged = 0;
      const writer = await client.insertNumbers("written", (number) => {
        acknowledged = number;
      });
      await eventually(async () => acknowledged >= ROWS_BEFORE_KILL || undefined);
      await current().killMainProcess(namespace, before.metadata.name);
      expect(await writer.ended()).toMatch(/server closed the connection unexpectedly|terminating connection/);
      await current().untilAnother(namespace, podLabels, before);
      await current().untilAnswered(() => client.ask("SELECT 1"));

      const [count, last] = (await client.query("SELECT count(*), max(number) FROM written")).split("|").map(Number);
      // The one that was on its way when the server died may be there or not.
      expect([acknowledged, acknowledged + 1]).toContain(last);
      expect(count).toBe(last);
      await client.query(`INSERT INTO written VALUES (${(last ?? 0) + 1}); DROP TABLE written`);
    });

    test("with a full volume it refuses to write, loses nothing, and goes on when there is space again", async () => {
      const volume = await FilledVolume.attach(current(), { namespace, workload, podLabels });
      try {
        await current().untilAnswered(() => client.ask("SELECT 1"));
        await client.query("CREATE TABLE kept (number serial, text text)");
        // In a segment of the log that has just been begun, so that it is the table which finds no space.
        await current().output(namespace, workload, [
          "psql",
          "--username=postgres",
          "--command=SELECT pg_switch_wal()",
        ]);
        await client.query("INSERT INTO kept (text) VALUES ('before')");
        await volume.fill();
        const { code, output } = await client.ask(
          "INSERT INTO kept (text) SELECT repeat('x', 1000) FROM generate_series(1, 1000)",
        );
        expect(code).not.toBe(0);
        expect(output).toMatch(/could not extend file .*: No space left on device/);
        expect(output).toContain("Check free disk space");
        expect(await client.query("SELECT text FROM kept")).toBe("before");

        await volume.makeSpace();
        await client.query("INSERT INTO kept (text) VALUES ('after')");
        expect(await client.query("SELECT text FROM kept ORDER BY number")).toBe("before\nafter");
      } finally {
        await volume.detach();
      }
      await current().untilAnswered(() => client.ask("SELECT 1"));
      // What was written to the small volume went with it.
      expect(await client.query("SELECT to_regclass('kept') IS NULL")).toBe("t");
    });
  });

  describe("of the broker", () => {
    const SETTING = ["platform:rabbitmq", "deadLetterMaxMessages"];
    const OTHER_VALUE = 9_000;
    let broker: BrokerClient;
    let main: Login;
    let worker: Login;
    let administrator: Login;

    beforeAll(async () => {
      main = await clientLogin(current(), BROKER.main);
      worker = await clientLogin(current(), BROKER.worker);
      administrator = await administratorLogin(current());
      broker = await BrokerClient.open(current());
    });
    afterAll(() => broker?.close());

    test("killed while `up` changes it, it ends up as set, with every task that it had confirmed", async () => {
      const tasks = Array.from({ length: 20 }, (_, index) => `task ${index}`);
      await broker.publish(main, ...tasks);
      const before = await current().podOf(BROKER.namespace, BROKER.podLabels);
      current().set(SETTING, OTHER_VALUE);
      try {
        const up = current().run("up");
        const killed = killSuccessorOf(before);
        const [{ counts }] = await Promise.all([up, killed]);
        expect(counts).toMatchObject({ create: 0, delete: 0 });
        expect(counts.update).toBeGreaterThan(0);
        expect(await broker.take(worker, OPENCHECKER_QUEUE, tasks.length)).toEqual(tasks);
        expect(await deadLettersKept()).toBe(OTHER_VALUE);
      } finally {
        current().set(SETTING, undefined);
        await current().run("up");
      }
      await eventually(async () => ((await deadLettersKept()) !== OTHER_VALUE ? true : undefined));
    });

    /** Kills the pod that `up` has put in the place of another one, as soon as its server runs. */
    async function killSuccessorOf(before: { readonly metadata: { readonly uid: string } }): Promise<void> {
      const successor = await eventually(async () => {
        const pod = await current().podOf(BROKER.namespace, BROKER.podLabels);
        const runs = pod.status.containerStatuses?.every(({ state }) => state.running !== undefined) === true;
        return pod.metadata.uid !== before.metadata.uid && runs ? pod : undefined;
      });
      await current().killMainProcess(BROKER.namespace, successor.metadata.name);
      await current().untilAnother(BROKER.namespace, BROKER.podLabels, successor);
    }

    async function deadLettersKept(): Promise<number> {
      const reply = await broker.manage("policies/%2F/dead_letters", administrator);
      return ((await reply.json()) as { definition: { "max-length": number } }).definition["max-length"];
    }
  });

  test("after all of them, `up` changes nothing", async () => {
    const { counts } = await current().run("up", { expectNoChanges: true });
    expect(counts).toMatchObject({ create: 0, update: 0, replace: 0, delete: 0 });
  });
}
