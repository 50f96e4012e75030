import { createPublicKey, type JsonWebKey, type KeyObject, randomBytes } from "node:crypto";

/** A public key in the binary form of SSH. */
export interface OpensshPublicKey {
  /** e.g. `ssh-ed25519`. */
  readonly type: string;
  readonly blob: Buffer;
}

/** Undefined for the curve P-224, which SSH does not know. */
export function encodeOpensshPublicKey(publicKey: KeyObject): OpensshPublicKey | undefined {
  const jwk =
    publicKey.asymmetricKeyDetails?.namedCurve === "secp224r1" ? undefined : publicKey.export({ format: "jwk" });
  const parts = jwk && keyParts(jwk);
  return parts && { type: parts.type, blob: Buffer.concat([text(parts.type), ...parts.public]) };
}

/** A private key in the file format of OpenSSH (`openssh-key-v1`, without a passphrase); empty for P-224. */
export function encodeOpensshPrivateKey(privateKey: KeyObject): string {
  const publicKey = encodeOpensshPublicKey(createPublicKey(privateKey));
  if (publicKey === undefined) return "";
  const parts = keyParts(privateKey.export({ format: "jwk" }));
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, text(parts.type), ...parts.private, text("")]);
  // Padded with 1, 2, 3, … to the block size of the empty cipher.
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    text("none"),
    text("none"),
    text(""),
    integer(1),
    block(publicKey.blob),
    block(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString("base64").replace(/.{70}(?=.)/g, "$&\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

interface KeyParts {
  readonly type: string;
  /** Fields after the type in a public key. */
  readonly public: readonly Buffer[];
  /** Fields after the type in a private key. */
  readonly private: readonly Buffer[];
}

function keyParts(jwk: JsonWebKey): KeyParts {
  const field = (name: keyof JsonWebKey) => Buffer.from(String(jwk[name] ?? ""), "base64url");
  switch (jwk.kty) {
    case "RSA": {
      const number = (name: keyof JsonWebKey) => positive(field(name));
      const private_ = (["n", "e", "d", "qi", "p", "q"] as const).map(number);
      return { type: "ssh-rsa", public: [number("e"), number("n")], private: private_ };
    }
    case "EC": {
      const curve = `nistp${String(jwk.crv).replace("P-", "")}`;
      const point = Buffer.concat([Buffer.from([4]), field("x"), field("y")]);
      const shared = [text(curve), block(point)];
      return { type: `ecdsa-sha2-${curve}`, public: shared, private: [...shared, positive(field("d"))] };
    }
    default: {
      const shared = block(field("x"));
      return {
        type: "ssh-ed25519",
        public: [shared],
        private: [shared, block(Buffer.concat([field("d"), field("x")]))],
      };
    }
  }
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function block(bytes: Buffer): Buffer {
  return Buffer.concat([integer(bytes.length), bytes]);
}

function text(value: string): Buffer {
  return block(Buffer.from(value));
}

/** A number without leading zeros, except for the one that keeps it positive. */
function positive(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(first === -1 ? bytes.length : first);
  return block((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}
