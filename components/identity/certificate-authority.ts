import * as pulumi from "@pulumi/pulumi";
import { PrivateKey, SelfSignedCert } from "@pulumi/tls";
import type { Issuer } from "../contracts";
import { warnWhenDue } from "../exposure/certificate-renewal";

export interface CertificateAuthorityArgs {
  /** Organization in the subject of all certificates. */
  readonly organization: string;
  /** Life of the authority's own certificate, in days. */
  readonly validityDays: number;
  /** Life of the certificates that it signs, in days; browsers refuse more than 398. */
  readonly leafDays: number;
}

/**
 * The platform's own certificate authority, for clusters without cert-manager. Its key lives encrypted in the state
 * and nowhere else; clients trust it by the certificate in the stack output `certificateAuthority`.
 */
export class CertificateAuthority extends pulumi.ComponentResource {
  readonly issuer: Extract<Issuer, { kind: "selfMade" }>;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:identity:CertificateAuthority", name, {}, opts);
    const key = new PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, { parent: this });
    // In the last third of its life. The key stays, so that whoever trusts the old certificate has until its end to take
    // the new one.
    const earlyRenewalHours = args.validityDays * 8;
    const certificate = new SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        isCaCertificate: true,
        setSubjectKeyId: true,
        subject: { commonName: `${args.organization} certificate authority`, organization: args.organization },
        validityPeriodHours: args.validityDays * 24,
        earlyRenewalHours,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      },
      { parent: this },
    );
    warnWhenDue(certificate, "of the platform's own authority", earlyRenewalHours);
    this.issuer = {
      kind: "selfMade",
      certificate: certificate.certPem,
      privateKey: key.privateKeyPem,
      leafDays: args.leafDays,
      organization: args.organization,
    };
    this.registerOutputs({ certificate: certificate.certPem });
  }
}
