import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { sqlText } from "./mariadb-sql";

/**
 * How a client proves its password. `ed25519` never sends anything that could be replayed or cracked; MariaDB's
 * connectors for Java and C know it. The Go driver knows `mysql_native_password` only.
 */
export type PasswordPlugin = "ed25519" | "mysql_native_password";

/** Characters of a generated password. Exactly as many bytes as a seed of Ed25519 has: see {@link identifiedBy}. */
export const PASSWORD_LENGTH = 32;

/** The start of a private key of Ed25519 in PKCS #8; the 32 bytes of the seed follow. */
const PRIVATE_KEY_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The part of CREATE USER and ALTER USER that sets a password. It holds what the server stores, never the password, so
 * neither the connection nor a query log of the server ever sees one.
 * @throws Error for `ed25519` and a password that has not {@link PASSWORD_LENGTH} bytes
 */
export function identifiedBy(plugin: PasswordPlugin, password: string): string {
  const stored = plugin === "ed25519" ? publicKeyOf(password) : nativeHash(password);
  return `IDENTIFIED VIA ${plugin} USING ${sqlText(stored)}`;
}

/** MariaDB takes the password for the seed of a key pair and stores the public key. */
function publicKeyOf(password: string): string {
  const seed = Buffer.from(password);
  if (seed.length !== PASSWORD_LENGTH) {
    throw new Error(`A password for ed25519 needs ${PASSWORD_LENGTH} bytes here.`);
  }
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_KEY_HEADER, seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
  return publicKey.toString("base64").replace("=", "");
}

function nativeHash(password: string): string {
  const sha1 = (data: string | Buffer) => createHash("sha1").update(data).digest();
  return `*${sha1(sha1(password)).toString("hex").toUpperCase()}`;
}
