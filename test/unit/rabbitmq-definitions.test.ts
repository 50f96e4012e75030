import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { brokerDefinitions, type DefinitionFacts, passwordHash } from "../../components/messaging/rabbitmq-definitions";
import { brokerAdministrator } from "../../components/messaging/topology";
import { openCheckerClients, openCheckerPolicies, openCheckerQueues } from "../../components/openchecker/queues";

const facts: DefinitionFacts = {
  users: [brokerAdministrator, ...Object.values(openCheckerClients)].map((access) => ({
    ...access,
    password: `password of ${access.username}`,
  })),
  queues: openCheckerQueues,
  policies: openCheckerPolicies({ deliveryLimit: 3, deadLetterMaxMessages: 10_000 }),
};

interface Definitions {
  readonly users: readonly { readonly name: string; readonly password_hash: string }[];
  readonly queues: readonly { readonly name: string; readonly durable: boolean; readonly arguments: object }[];
  readonly policies: readonly { readonly name: string; readonly definition: object }[];
}

const imported = (text: string) => JSON.parse(text) as Definitions;

describe("the hash of a password", () => {
  test("is the one of RabbitMQ's documentation", () => {
    const salt = Buffer.from("908DC60A", "hex");
    expect(passwordHash("test12", salt)).toBe("kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");
  });

  test("starts with the salt, and the rest is what RabbitMQ computes from salt and password", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.uint8Array({ minLength: 4, maxLength: 4 }), (password, bytes) => {
        const decoded = Buffer.from(passwordHash(password, Buffer.from(bytes)), "base64");
        const salt = decoded.subarray(0, 4);
        expect([...salt]).toEqual([...bytes]);
        expect(decoded.subarray(4)).toEqual(createHash("sha256").update(salt).update(password).digest());
      }),
    );
  });

  test("refuses a salt that RabbitMQ would cut off wrongly", () => {
    expect(() => passwordHash("secret", Buffer.alloc(5))).toThrow("has 4 bytes; this one has 5");
  });
});

describe("the definitions", () => {
  test("hold no password", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{16,40}$/), (password) => {
        const users = facts.users.map((user) => ({ ...user, password }));
        expect(brokerDefinitions({ ...facts, users })).not.toContain(password);
      }),
    );
  });

  test("give equal passwords of two users different hashes", () => {
    const users = facts.users.map((user) => ({ ...user, password: "the same" }));
    const hashes = imported(brokerDefinitions({ ...facts, users })).users.map((each) => each.password_hash);
    expect(new Set(hashes).size).toBe(users.length);
  });

  test("are the same bytes in whatever order users, queues and policies are listed", () => {
    const anyOrder = <Item>(list: readonly Item[]) =>
      fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
    fc.assert(
      fc.property(
        anyOrder(facts.users),
        anyOrder(facts.queues),
        anyOrder(facts.policies),
        (users, queues, policies) => {
          expect(brokerDefinitions({ users, queues, policies })).toBe(brokerDefinitions(facts));
        },
      ),
    );
  });

  test("change for a new password in the hash of that user only", () => {
    const users = facts.users.map((user) =>
      user.username === "openchecker-worker" ? { ...user, password: "another" } : user,
    );
    const before = imported(brokerDefinitions(facts)).users;
    const changed = imported(brokerDefinitions({ ...facts, users })).users.filter(
      (user, index) => user.password_hash !== before[index]?.password_hash,
    );
    expect(changed.map((each) => each.name)).toEqual(["openchecker-worker"]);
  });

  test("make both queues durable quorum queues", () => {
    for (const queue of imported(brokerDefinitions(facts)).queues) {
      expect(queue).toMatchObject({ durable: true, arguments: { "x-queue-type": "quorum" } });
    }
  });

  test("keep what may change out of the queues' arguments, which can never be changed", () => {
    const withLimits = (deliveryLimit: number, deadLetterMaxMessages: number) =>
      imported(
        brokerDefinitions({ ...facts, policies: openCheckerPolicies({ deliveryLimit, deadLetterMaxMessages }) }),
      );
    const before = withLimits(3, 10_000);
    const after = withLimits(5, 20_000);
    expect(after.queues).toEqual(before.queues);
    expect(after.policies.map(({ name, definition }) => ({ name, definition }))).toEqual([
      { name: "dead_letters", definition: { "max-length": 20_000, overflow: "drop-head" } },
      {
        name: "opencheck",
        definition: { "dead-letter-strategy": "at-least-once", "delivery-limit": 4, overflow: "reject-publish" },
      },
    ]);
  });
});

test("the documentation gives another broker the same queues, policies and permissions", () => {
  const page = readFileSync(resolve(__dirname, "../../docs/rabbitmq.md"), "utf8");
  const documented = JSON.parse(/```json\n([^`]+)```/.exec(page)?.[1] ?? "{}");
  const ours = JSON.parse(brokerDefinitions(facts));
  const clients = ["openchecker-main", "openchecker-worker"];
  expect(documented).toEqual({
    vhosts: ours.vhosts,
    queues: ours.queues,
    policies: expect.arrayContaining(ours.policies),
    permissions: ours.permissions.filter(({ user }: { user: string }) => clients.includes(user)),
  });
});
