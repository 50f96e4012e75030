// The library's dependency injection needs this before anything of it is loaded.
import "reflect-metadata";
import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { mapAt, type PropertyMap, stringAt } from "../protocol/property-values";

x509.cryptoProvider.set(webcrypto);

export { x509 };

/** A key pair that can sign, and the name of its algorithm in the state. */
export interface SigningKey {
  readonly algorithm: "RSA" | "ECDSA" | "ED25519";
  readonly signingAlgorithm: webcrypto.Algorithm | webcrypto.EcdsaParams;
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
}

/** Hash that fits the strength of a curve. */
const hashes: Readonly<Record<string, string>> = { "P-256": "SHA-256", "P-384": "SHA-384", "P-521": "SHA-512" };
const curveNames: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

/**
 * Reads a private key in PEM form.
 *
 * @param argument name of the argument it comes from, for messages
 */
export async function readSigningKey(pem: string, argument: string): Promise<SigningKey> {
  const privateKey = parseKey(pem, argument);
  const description = describeKey(privateKey);
  if (description === undefined) {
    throw new Error(`${argument} must be an RSA, ED25519 or ECDSA key on the curve P256, P384 or P521.`);
  }
  const { algorithm, importAlgorithm, signingAlgorithm } = description;
  const { subtle } = webcrypto;
  const secret = privateKey.export({ type: "pkcs8", format: "der" });
  const open = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return {
    algorithm,
    signingAlgorithm,
    privateKey: await subtle.importKey("pkcs8", secret, importAlgorithm, true, ["sign"]),
    publicKey: await subtle.importKey("spki", open, importAlgorithm, true, ["verify"]),
  };
}

function parseKey(pem: string, argument: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The parser's message may quote the key.
    throw new Error(`${argument} is not a private key in PEM form. Give the output privateKeyPem of a tls.PrivateKey.`);
  }
}

function describeKey(key: KeyObject) {
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const importAlgorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      return { algorithm: "RSA", importAlgorithm, signingAlgorithm: importAlgorithm } as const;
    }
    case "ed25519":
      return {
        algorithm: "ED25519",
        importAlgorithm: { name: "Ed25519" },
        signingAlgorithm: { name: "Ed25519" },
      } as const;
    case "ec": {
      const namedCurve = curveNames[key.asymmetricKeyDetails?.namedCurve ?? ""];
      if (namedCurve === undefined) return undefined;
      const signingAlgorithm = { name: "ECDSA", hash: hashes[namedCurve] ?? "SHA-256" };
      return { algorithm: "ECDSA", importAlgorithm: { name: "ECDSA", namedCurve }, signingAlgorithm } as const;
    }
    default:
      return undefined;
  }
}

/** Attributes of a distinguished name in the order and in the encoding in which the official provider writes them. */
const subjectAttributes: readonly (readonly [string, string, keyof x509.JsonAttributeObject])[] = [
  ["country", "2.5.4.6", "printableString"],
  ["organization", "2.5.4.10", "utf8String"],
  ["organizationalUnit", "2.5.4.11", "utf8String"],
  ["locality", "2.5.4.7", "utf8String"],
  ["province", "2.5.4.8", "utf8String"],
  ["streetAddresses", "2.5.4.9", "utf8String"],
  ["postalCode", "2.5.4.17", "utf8String"],
  ["commonName", "2.5.4.3", "utf8String"],
  ["serialNumber", "2.5.4.5", "printableString"],
  ["emailAddress", "1.2.840.113549.1.9.1", "ia5String"],
];

/** The distinguished name that the argument `subject` describes. */
export function subjectName(args: PropertyMap): x509.Name {
  const subject = mapAt(args, "subject");
  const attributes = subjectAttributes.flatMap(([property, objectIdentifier, encoding]) => {
    const values = [subject[property] ?? []]
      .flat()
      .map((value): x509.JsonAttributeObject => ({ [encoding]: String(value) }));
    return values.length > 0 ? [{ [objectIdentifier]: values }] : [];
  });
  return new x509.Name(attributes);
}

/** Alternative names that the arguments `dnsNames`, `ipAddresses` and `uris` describe. */
export function alternativeNames(args: PropertyMap): x509.Extension[] {
  const names = (["dns", "ip", "url"] as const).flatMap((type) => {
    const property = { dns: "dnsNames", ip: "ipAddresses", url: "uris" }[type];
    return [args[property] ?? []].flat().map((value) => ({ type, value: String(value) }));
  });
  return names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [];
}

/** The string argument of a name; empty when it is missing. */
export function textOf(args: PropertyMap, name: string): string {
  return stringAt(args, name) ?? "";
}

/** PEM text with the closing line break that the official provider writes. */
export function pemText(document: { toString(format: "pem"): string }): string {
  return `${document.toString("pem").trimEnd()}\n`;
}
