import { createHash } from "node:crypto";
import type { GeneratedKind } from "../generated/generated-kind";
import { alternativeNames, pemText, readSigningKey, subjectName, textOf, x509 } from "./x509";

export const certificateRequestKind: GeneratedKind = {
  arguments: {
    dnsNames: { type: "strings" },
    ipAddresses: { type: "strings" },
    privateKeyPem: { type: "string", required: true },
    subject: { type: "object" },
    uris: { type: "strings" },
  },
  outputs: ["certRequestPem", "keyAlgorithm"],
  secrets: ["privateKeyPem"],
  generate: async (args) => {
    const key = await readSigningKey(textOf(args, "privateKeyPem"), "privateKeyPem");
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: subjectName(args),
      keys: { privateKey: key.privateKey, publicKey: key.publicKey },
      signingAlgorithm: key.signingAlgorithm,
      extensions: alternativeNames(args),
    });
    const id = createHash("sha1").update(Buffer.from(request.rawData)).digest("hex");
    return { id, outputs: { certRequestPem: pemText(request), keyAlgorithm: key.algorithm } };
  },
};
