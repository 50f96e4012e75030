import { randomBytes, type webcrypto } from "node:crypto";
import type { Generated, GeneratedKind } from "../generated/generated-kind";
import { numberAt, type PropertyMap } from "../protocol/property-values";
import { isKnownUse, knownUses, usageExtensions } from "./key-usage";
import { alternativeNames, pemText, readSigningKey, type SigningKey, subjectName, textOf, x509 } from "./x509";

const millisecondsPerHour = 60 * 60 * 1000;

const certificateArguments = {
  allowedUses: { type: "strings", required: true },
  earlyRenewalHours: { type: "number", default: 0, updatable: true },
  isCaCertificate: { type: "boolean", default: false },
  maxPathLength: { type: "number" },
  setSubjectKeyId: { type: "boolean", default: false },
  validityPeriodHours: { type: "number", required: true },
} as const;

/** What both kinds of certificate have in common. */
const certificateKind = {
  validate: (args: PropertyMap) => {
    const unknown = [args["allowedUses"] ?? []].flat().filter((use) => !isKnownUse(String(use)));
    if (unknown.length === 0) return undefined;
    const reason = `allowedUses has ${unknown.join(", ")}. Known are ${knownUses.join(", ")}.`;
    return { property: "allowedUses", reason };
  },
  refresh: (properties: PropertyMap, now: Date) => ({ readyForRenewal: isReadyForRenewal(properties, now) }),
  outdated: (properties: PropertyMap, now: Date) =>
    isReadyForRenewal(properties, now) ? "readyForRenewal" : undefined,
};

/** Whether the certificate has ended or ends within its early renewal time. */
function isReadyForRenewal(properties: PropertyMap, now: Date): boolean {
  const end = Date.parse(textOf(properties, "validityEndTime"));
  return now.getTime() >= end - (numberAt(properties, "earlyRenewalHours") ?? 0) * millisecondsPerHour;
}

const certificateOutputs = ["certPem", "readyForRenewal", "validityEndTime", "validityStartTime"];

export const selfSignedCertificateKind: GeneratedKind = {
  ...certificateKind,
  arguments: {
    ...certificateArguments,
    dnsNames: { type: "strings" },
    ipAddresses: { type: "strings" },
    privateKeyPem: { type: "string", required: true },
    setAuthorityKeyId: { type: "boolean", default: false },
    subject: { type: "object" },
    uris: { type: "strings" },
  },
  outputs: [...certificateOutputs, "keyAlgorithm"],
  secrets: ["privateKeyPem"],
  generate: async (args) => {
    const key = await readSigningKey(textOf(args, "privateKeyPem"), "privateKeyPem");
    const subject = subjectName(args);
    const ownKey = await x509.SubjectKeyIdentifierExtension.create(key.publicKey);
    const authority =
      args["setAuthorityKeyId"] === true ? [new x509.AuthorityKeyIdentifierExtension(ownKey.keyId)] : [];
    const certificate = await sign(args, key, {
      subject,
      issuer: subject,
      publicKey: key.publicKey,
      extensions: [...alternativeNames(args), ...authority],
    });
    return { ...certificate, outputs: { ...certificate.outputs, keyAlgorithm: key.algorithm } };
  },
};

export const locallySignedCertificateKind: GeneratedKind = {
  ...certificateKind,
  arguments: {
    ...certificateArguments,
    caCertPem: { type: "string", required: true },
    caPrivateKeyPem: { type: "string", required: true },
    certRequestPem: { type: "string", required: true },
  },
  outputs: [...certificateOutputs, "caKeyAlgorithm"],
  secrets: ["caPrivateKeyPem"],
  generate: async (args) => {
    const key = await readSigningKey(textOf(args, "caPrivateKeyPem"), "caPrivateKeyPem");
    const authority = new x509.X509Certificate(textOf(args, "caCertPem"));
    const request = new x509.Pkcs10CertificateRequest(textOf(args, "certRequestPem"));
    if (!(await request.verify())) throw new Error("certRequestPem is not signed by the key that it contains.");
    const authorityKey = authority.getExtension(x509.SubjectKeyIdentifierExtension);
    const certificate = await sign(args, key, {
      subject: request.subjectName,
      issuer: authority.subjectName,
      publicKey: await request.publicKey.export(),
      extensions: [
        ...request.extensions.filter((extension) => extension instanceof x509.SubjectAlternativeNameExtension),
        ...(authorityKey ? [new x509.AuthorityKeyIdentifierExtension(authorityKey.keyId)] : []),
      ],
    });
    return { ...certificate, outputs: { ...certificate.outputs, caKeyAlgorithm: key.algorithm } };
  },
};

interface Subject {
  readonly subject: x509.Name;
  readonly issuer: x509.Name;
  readonly publicKey: webcrypto.CryptoKey;
  /** Extensions besides those that the shared arguments describe. */
  readonly extensions: readonly x509.Extension[];
}

async function sign(args: PropertyMap, key: SigningKey, subject: Subject): Promise<Generated> {
  const isAuthority = args["isCaCertificate"] === true;
  // Verifiers find the issuer by this identifier, so that an authority always has one.
  const hasKeyId = isAuthority || args["setSubjectKeyId"] === true;
  const subjectKey = hasKeyId ? [await x509.SubjectKeyIdentifierExtension.create(subject.publicKey)] : [];
  const start = new Date();
  const end = new Date(start.getTime() + (numberAt(args, "validityPeriodHours") ?? 0) * millisecondsPerHour);
  const serialNumber = positiveSerialNumber();
  const certificate = await x509.X509CertificateGenerator.create({
    ...subject,
    serialNumber,
    notBefore: start,
    notAfter: end,
    signingKey: key.privateKey,
    signingAlgorithm: key.signingAlgorithm,
    extensions: [
      ...usageExtensions([args["allowedUses"] ?? []].flat().map(String)),
      new x509.BasicConstraintsExtension(isAuthority, isAuthority ? numberAt(args, "maxPathLength") : undefined, true),
      ...subjectKey,
      ...subject.extensions,
    ],
  });
  const outputs = {
    certPem: pemText(certificate),
    validityStartTime: start.toISOString(),
    validityEndTime: end.toISOString(),
  };
  return {
    id: BigInt(`0x${serialNumber}`).toString(),
    outputs: { ...outputs, readyForRenewal: isReadyForRenewal({ ...args, ...outputs }, start) },
  };
}

/** 128 random bits, of which the first is cleared, because a serial number must not be negative. */
function positiveSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString("hex");
}
