import type { PropertyMap } from "../../sandbox/providers/protocol/property-values";
import { certificateRequestKind } from "../../sandbox/providers/tls/certificate-request";
import { locallySignedCertificateKind, selfSignedCertificateKind } from "../../sandbox/providers/tls/certificates";
import { privateKeyKind } from "../../sandbox/providers/tls/private-key";

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

const life = { validityPeriodHours: 24, earlyRenewalHours: 0 };

/** A certificate authority; without an issuer it signs itself. */
export async function testAuthority(name: string, issuer?: TestCertificate): Promise<TestCertificate> {
  const facts = { ...life, isCaCertificate: true, allowedUses: ["cert_signing"] };
  if (issuer !== undefined) {
    return signed(name, [], issuer, facts);
  }
  const key = await newKey();
  const args = { ...facts, privateKeyPem: key, subject: { commonName: name } };
  return { certificate: pem((await selfSignedCertificateKind.generate(args)).outputs["certPem"]), key };
}

/** A server certificate for these hosts. */
export function testCertificate(hosts: readonly string[], issuer: TestCertificate): Promise<TestCertificate> {
  return signed(hosts[0] ?? "", hosts, issuer, { ...life, allowedUses: ["server_auth"] });
}

async function signed(
  name: string,
  hosts: readonly string[],
  issuer: TestCertificate,
  facts: PropertyMap,
): Promise<TestCertificate> {
  const key = await newKey();
  const request = await certificateRequestKind.generate({
    privateKeyPem: key,
    subject: { commonName: name },
    ...(hosts.length > 0 && { dnsNames: [...hosts] }),
  });
  const { outputs } = await locallySignedCertificateKind.generate({
    ...facts,
    certRequestPem: pem(request.outputs["certRequestPem"]),
    caCertPem: issuer.certificate,
    caPrivateKeyPem: issuer.key,
  });
  return { certificate: pem(outputs["certPem"]), key };
}

async function newKey(): Promise<string> {
  const { outputs } = await privateKeyKind.generate({ algorithm: "ECDSA", ecdsaCurve: "P256" });
  return pem(outputs["privateKeyPem"]);
}

function pem(value: unknown): string {
  return String(value);
}
