import { isIP } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import { CertRequest, LocallySignedCert, PrivateKey } from "@pulumi/tls";
import type { Issuer } from "../contracts";
import { warnWhenDue } from "./certificate-renewal";

/** A certificate and its key, both PEM. */
export interface SelfMadeCertificate {
  readonly certificate: pulumi.Output<string>;
  /** Secret. */
  readonly key: pulumi.Output<string>;
}

/**
 * A server certificate for one host name or IP address, signed by the platform's own authority.
 * @param name start of the logical names
 * @param aliases further host names of the same server
 */
export function selfMadeCertificate(
  name: string,
  host: string,
  issuer: Extract<Issuer, { kind: "selfMade" }>,
  options: pulumi.CustomResourceOptions,
  aliases: readonly string[] = [],
): SelfMadeCertificate {
  const key = new PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, options);
  const request = new CertRequest(
    `${name}-request`,
    {
      privateKeyPem: key.privateKeyPem,
      ...(isIP(host) === 0 ? { dnsNames: [host, ...aliases] } : { ipAddresses: [host] }),
      // Clients look at the alternative names only; this one has at most 64 characters.
      subject: {
        commonName: host.length > 64 ? host.slice(0, 61).concat("...") : host,
        organization: issuer.organization,
      },
    },
    options,
  );
  const earlyRenewalHours = issuer.leafDays * 8; // in the last third of its life
  const certificate = new LocallySignedCert(
    `${name}-certificate`,
    {
      certRequestPem: request.certRequestPem,
      caPrivateKeyPem: issuer.privateKey,
      caCertPem: issuer.certificate,
      validityPeriodHours: issuer.leafDays * 24,
      earlyRenewalHours,
      allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
    },
    options,
  );
  warnWhenDue(certificate, `for ${host}`, earlyRenewalHours);
  return { certificate: certificate.certPem, key: key.privateKeyPem };
}
