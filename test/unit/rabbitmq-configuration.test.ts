import fc from "fast-check";
import { type BrokerConfigurationFacts, brokerConfiguration } from "../../components/messaging/rabbitmq-configuration";

const facts: BrokerConfigurationFacts = {
  hosts: ["one"],
  consumerTimeoutMinutes: 180,
  memory: "4Gi",
  storage: "16Gi",
};

function settings(changes: Partial<BrokerConfigurationFacts> = {}): Readonly<Record<string, string>> {
  const lines = brokerConfiguration({ ...facts, ...changes })
    .trimEnd()
    .split("\n");
  const pairs = lines.map((line) => line.split(" = ") as [string, string]);
  expect(new Set(pairs.map(([key]) => key)).size).toBe(pairs.length);
  return Object.fromEntries(pairs);
}

test("gives a worker the time that was set, in the broker's milliseconds", () => {
  expect(settings({ consumerTimeoutMinutes: 90 })["consumer_timeout"]).toBe("5400000");
});

test("never lets a client in without a password", () => {
  const mechanisms = Object.entries(settings()).filter(([key]) => key.startsWith("auth_mechanisms"));
  expect(mechanisms.map(([, value]) => value)).toEqual(["PLAIN", "AMQPLAIN"]);
});

test("stops publishers before the memory limit and before the volume is full, whatever their sizes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 256, max: 65_536 }), fc.integer({ min: 1, max: 4_096 }), (mebibytes, gibibytes) => {
      const result = settings({ memory: `${mebibytes}Mi`, storage: `${gibibytes}Gi` });
      const usable = Number(result["total_memory_available_override_value"]);
      expect(usable).toBeLessThan(mebibytes * 2 ** 20);
      expect(usable).toBeGreaterThanOrEqual(Math.floor(mebibytes * 2 ** 20 * 0.8));
      const reserve = Number(result["disk_free_limit.absolute"]);
      expect(reserve).toBeGreaterThan(0);
      expect(reserve).toBeLessThanOrEqual((gibibytes * 2 ** 30) / 5);
    }),
  );
});

test("keeps the write-ahead log small enough for the smallest node", () => {
  const { "raft.wal_max_size_bytes": log } = settings({ memory: "512Mi" });
  expect(3 * Number(log)).toBeLessThan(512 * 2 ** 20);
});

test("a single node looks for no others", () => {
  expect(Object.keys(settings()).filter((key) => key.startsWith("cluster_formation"))).toEqual([]);
});

test("three nodes know each other by name and give up only after the start-up probe has", () => {
  const result = settings({ hosts: ["one", "two", "three"] });
  expect(result).toMatchObject({
    "cluster_formation.peer_discovery_backend": "classic_config",
    "cluster_formation.classic_config.nodes.1": "rabbit@one",
    "cluster_formation.classic_config.nodes.2": "rabbit@two",
    "cluster_formation.classic_config.nodes.3": "rabbit@three",
    cluster_partition_handling: "pause_minority",
  });
  const seconds =
    (Number(result["cluster_formation.discovery_retry_limit"]) *
      Number(result["cluster_formation.discovery_retry_interval"])) /
    1000;
  expect(seconds).toBeGreaterThan(600);
});

test("queues that the first node made while it was alone get members on the others", () => {
  expect(settings({ hosts: ["one", "two", "three"] })).toMatchObject({
    "quorum_queue.continuous_membership_reconciliation.enabled": "true",
    "quorum_queue.continuous_membership_reconciliation.target_group_size": "3",
  });
});
