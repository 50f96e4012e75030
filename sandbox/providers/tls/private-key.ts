import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { GeneratedKind } from "../generated/generated-kind";
import { numberAt, type PropertyMap, stringAt } from "../protocol/property-values";
import { encodeOpensshPrivateKey, encodeOpensshPublicKey } from "./openssh";

const generate = promisify(generateKeyPair);

const curves: Readonly<Record<string, string>> = { P224: "P-224", P256: "P-256", P384: "P-384", P521: "P-521" };

/** Anything smaller can be broken, and OpenSSL refuses it in certificates. */
const minimumRsaBits = 2048;

export const privateKeyKind: GeneratedKind = {
  arguments: {
    algorithm: { type: "string", required: true },
    ecdsaCurve: { type: "string", default: "P224" },
    rsaBits: { type: "number", default: 2048 },
  },
  outputs: [
    "privateKeyOpenssh",
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
    "publicKeyOpenssh",
    "publicKeyPem",
  ],
  secrets: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
  schemaVersion: 1,
  validate: validateKey,
  generate: async (args) => {
    const privateKey = await generateKey(args);
    const publicKey = createPublicKey(privateKey);
    return { id: publicKeyId(publicKey), outputs: { ...privateForms(privateKey), ...publicForms(publicKey) } };
  },
};

function validateKey(args: PropertyMap) {
  const algorithm = stringAt(args, "algorithm") ?? "";
  if (!["RSA", "ECDSA", "ED25519"].includes(algorithm)) {
    return { property: "algorithm", reason: "algorithm must be RSA, ECDSA or ED25519." };
  }
  if (!((stringAt(args, "ecdsaCurve") ?? "") in curves)) {
    return { property: "ecdsaCurve", reason: `ecdsaCurve must be one of ${Object.keys(curves).join(", ")}.` };
  }
  if (algorithm === "RSA" && (numberAt(args, "rsaBits") ?? 0) < minimumRsaBits) {
    return { property: "rsaBits", reason: `rsaBits must be ${minimumRsaBits} or more.` };
  }
  return undefined;
}

async function generateKey(args: PropertyMap): Promise<KeyObject> {
  switch (args["algorithm"]) {
    case "RSA":
      return (await generate("rsa", { modulusLength: numberAt(args, "rsaBits") ?? 2048 })).privateKey;
    case "ECDSA":
      return (await generate("ec", { namedCurve: curves[stringAt(args, "ecdsaCurve") ?? ""] ?? "" })).privateKey;
    default:
      return (await generate("ed25519")).privateKey;
  }
}

/** Hash of the public key, as the official provider makes its ids. */
function publicKeyId(publicKey: KeyObject): string {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}

const ownForms: Readonly<Record<string, "pkcs1" | "sec1">> = { rsa: "pkcs1", ec: "sec1" };

/** The forms that OpenSSL reads: each algorithm's own, and PKCS #8 for all. */
function privateForms(privateKey: KeyObject): PropertyMap {
  const ownForm = ownForms[String(privateKey.asymmetricKeyType)] ?? "pkcs8";
  return {
    privateKeyPem: privateKey.export({ type: ownForm, format: "pem" }).toString(),
    privateKeyPemPkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    privateKeyOpenssh: encodeOpensshPrivateKey(privateKey),
  };
}

function publicForms(publicKey: KeyObject): PropertyMap {
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const openssh = encodeOpensshPublicKey(publicKey);
  if (openssh === undefined) {
    const none = { publicKeyOpenssh: "", publicKeyFingerprintMd5: "", publicKeyFingerprintSha256: "" };
    return { publicKeyPem: pem, ...none };
  }
  const md5 = createHash("md5").update(openssh.blob).digest("hex");
  const sha256 = createHash("sha256").update(openssh.blob).digest("base64").replace(/=+$/, "");
  return {
    publicKeyPem: pem,
    publicKeyOpenssh: `${openssh.type} ${openssh.blob.toString("base64")}\n`,
    publicKeyFingerprintMd5: md5.replace(/..(?=.)/g, "$&:"),
    publicKeyFingerprintSha256: `SHA256:${sha256}`,
  };
}
