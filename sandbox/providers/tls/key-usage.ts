import { x509 } from "./x509";

/** Purposes of a key, by their names in `allowedUses`. */
const keyUsages: Readonly<Record<string, x509.KeyUsageFlags>> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
  encipher_only: x509.KeyUsageFlags.encipherOnly,
  decipher_only: x509.KeyUsageFlags.decipherOnly,
};

/** Purposes of a certificate, by their names in `allowedUses`. */
const extendedKeyUsages: Readonly<Record<string, string>> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
};

export const knownUses: readonly string[] = [...Object.keys(keyUsages), ...Object.keys(extendedKeyUsages)];

export function isKnownUse(use: string): boolean {
  return knownUses.includes(use);
}

/** The two extensions that say what a certificate may be used for; each only if it says something. */
export function usageExtensions(allowedUses: readonly string[]): x509.Extension[] {
  const flags = allowedUses.reduce((sum, use) => sum | (keyUsages[use] ?? 0), 0);
  const purposes = allowedUses.flatMap((use) => extendedKeyUsages[use] ?? []);
  return [
    ...(flags !== 0 ? [new x509.KeyUsagesExtension(flags, true)] : []),
    ...(purposes.length > 0 ? [new x509.ExtendedKeyUsageExtension(purposes)] : []),
  ];
}
