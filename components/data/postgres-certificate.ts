import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { CertRequest, LocallySignedCert, PrivateKey } from "@pulumi/tls";
import type { Issuer } from "../contracts";

export interface PostgresCertificateFacts {
  readonly issuer: Extract<Issuer, { kind: "selfMade" }>;
  /** Every name that clients use for the server; the first is its common name. */
  readonly dnsNames: readonly [string, ...string[]];
  readonly metadata: { readonly namespace: pulumi.Input<string>; readonly labels: Readonly<Record<string, string>> };
}

/** Makes the server's key and certificate. The Secret's key `tls.crt` is also the text that changes at each renewal. */
export function addPostgresCertificate(
  name: string,
  { issuer, dnsNames, metadata }: PostgresCertificateFacts,
  parent: pulumi.Resource,
): { readonly secretName: pulumi.Output<string>; readonly certificate: pulumi.Output<string> } {
  const key = new PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent });
  const request = new CertRequest(
    `${name}-request`,
    {
      privateKeyPem: key.privateKeyPem,
      dnsNames: [...dnsNames],
      subject: { commonName: dnsNames[0], organization: issuer.organization },
    },
    { parent },
  );
  const certificate = new LocallySignedCert(
    `${name}-certificate`,
    {
      certRequestPem: request.certRequestPem,
      caPrivateKeyPem: issuer.privateKey,
      caCertPem: issuer.certificate,
      validityPeriodHours: issuer.leafDays * 24,
      earlyRenewalHours: issuer.leafDays * 8, // any `up` in the last third of its life renews it
      allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
    },
    { parent },
  );
  const secret = new Secret(
    `${name}-tls`,
    {
      metadata,
      type: "kubernetes.io/tls",
      stringData: {
        "tls.crt": certificate.certPem,
        "tls.key": key.privateKeyPem,
        "ca.crt": issuer.certificate,
      },
    },
    { parent },
  );
  return { secretName: secret.metadata.name, certificate: certificate.certPem };
}
