import { createPrivateKey, X509Certificate } from "node:crypto";

/**
 * The certificates of a PEM text, in their order.
 * @throws Error when one of them cannot be read, or there is none
 */
export function readCertificates(pem: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const [first, ...rest] = blocks.map((block) => new X509Certificate(block));
  if (first === undefined) {
    throw new Error("The text holds no certificate in PEM.");
  }
  return [first, ...rest];
}

/** Whether the text is a private key in PEM, without a passphrase, that belongs to the first certificate. */
export function keyBelongsTo(certificatePem: string, keyPem: string): boolean {
  const [certificate] = readCertificates(certificatePem);
  try {
    return certificate.checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

/** Whether each certificate but the last is signed by the one after it, as servers have to send them. */
export function isInOrder(chainPem: string): boolean {
  const chain = readCertificates(chainPem);
  return chain.slice(1).every((issuer, index) => isSignedBy(chain[index], issuer));
}

/** Whether an authority, one of several in a PEM text, is the last certificate of a chain or signed it. */
export function leadsTo(chainPem: string, authorityPem: string): boolean {
  const last = readCertificates(chainPem).at(-1);
  return readCertificates(authorityPem).some(
    (authority) => last?.fingerprint256 === authority.fingerprint256 || isSignedBy(last, authority),
  );
}

/** The hosts that the first certificate is not for. */
export function hostsNotCovered(chainPem: string, hosts: readonly string[]): string[] {
  const [certificate] = readCertificates(chainPem);
  // Browsers and Java look at the alternative names only.
  return hosts.filter((host) => certificate.checkHost(host, { subject: "never" }) === undefined);
}

function isSignedBy(certificate: X509Certificate | undefined, issuer: X509Certificate): boolean {
  return certificate?.checkIssued(issuer) === true && certificate.verify(issuer.publicKey);
}
