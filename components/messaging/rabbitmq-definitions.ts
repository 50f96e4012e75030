import { createHash } from "node:crypto";
import { stableJson } from "../kubernetes/checksum";
import type { BrokerAccess, BrokerPolicy, BrokerQueue } from "./topology";

/** The only virtual host; OpenChecker's code knows no other. */
export const VIRTUAL_HOST = "/";

/** Length of the salt in front of a password hash, which RabbitMQ fixes. */
const SALT_BYTES = 4;

/** A client and its password. */
export interface BrokerUser extends BrokerAccess {
  readonly password: string;
}

export interface DefinitionFacts {
  readonly users: readonly BrokerUser[];
  readonly queues: readonly BrokerQueue[];
  readonly policies: readonly BrokerPolicy[];
}

/**
 * The file that the broker imports at every start: users with hashed passwords, queues and policies. Equal facts give
 * equal bytes. Importing only adds and changes: what is no longer listed stays in the broker until somebody deletes it.
 */
export function brokerDefinitions({ users, queues, policies }: DefinitionFacts): string {
  const byName = <Named extends { readonly name: string }>(list: readonly Named[]) =>
    [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
  const byUsername = [...users].sort((a, b) => (a.username < b.username ? -1 : 1));
  return stableJson(
    {
      vhosts: [{ name: VIRTUAL_HOST }],
      users: byUsername.map(({ username, password, tags = [] }) => ({
        name: username,
        password_hash: passwordHash(password, saltOf(username, password)),
        hashing_algorithm: "rabbit_password_hashing_sha256",
        tags: [...tags],
      })),
      permissions: byUsername.map(({ username, configure, write, read }) => ({
        user: username,
        vhost: VIRTUAL_HOST,
        configure,
        write,
        read,
      })),
      queues: byName(queues).map((queue) => ({
        name: queue.name,
        vhost: VIRTUAL_HOST,
        durable: true,
        auto_delete: false,
        arguments: { ...queue.arguments, "x-queue-type": "quorum" },
      })),
      policies: byName(policies).map(({ name, pattern, definition, priority = 0 }) => ({
        name,
        vhost: VIRTUAL_HOST,
        pattern,
        definition,
        priority,
        "apply-to": "queues",
      })),
      exchanges: [],
      bindings: [],
    },
    2,
  );
}

/** RabbitMQ's own format: the salt and SHA-256 of salt and password, in base64. */
export function passwordHash(password: string, salt: Buffer): string {
  if (salt.length !== SALT_BYTES) {
    throw new Error(`A RabbitMQ password salt has ${SALT_BYTES} bytes; this one has ${salt.length}.`);
  }
  return Buffer.concat([salt, sha256(salt, Buffer.from(password, "utf8"))]).toString("base64");
}

/**
 * A salt that follows from user and password, so that the definitions change with the password and at no other time.
 * The passwords are generated and long, so nothing is given away by it.
 */
function saltOf(username: string, password: string): Buffer {
  return sha256(Buffer.from(stableJson([username, password]), "utf8")).subarray(0, SALT_BYTES);
}

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}
