import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { hostsNotCovered, isInOrder, keyBelongsTo, leadsTo } from "../../components/identity/certificate-chain";
import type { SettingPath } from "./paths";
import { UNKNOWN_SECRET } from "./secrets";
import { authorityText, certificateChain, privateKeyFault } from "./types/pem";
import { dnsName } from "./values";
import type { Violation } from "./violation";

const authority = authorityText(
  "Authority behind the certificate; absent: a public one, which clients know by themselves.",
).exactOptional();

const given = z
  .strictObject({
    from: z.literal("given").meta({ description: "A certificate of yours." }),
    certificate: certificateChain(
      "The certificate, followed by those that lead to its authority, each signed by the next one.",
    ),
    privateKey: z.string().min(1).meta({
      description: "Its private key.",
      allowed: "a secret: the private key of the certificate in PEM, without a passphrase",
      secret: true,
    }),
    authority,
  })
  // Looked at here and not by a rule: afterwards the key is a secret that nobody can read.
  .superRefine(({ certificate, privateKey }, context) => {
    const reason =
      privateKey === UNKNOWN_SECRET
        ? undefined
        : (privateKeyFault(privateKey) ??
          (keyBelongsTo(certificate, privateKey) ? undefined : "The key does not belong to the certificate."));
    if (reason !== undefined) {
      context.addIssue({ code: "custom", path: ["privateKey"], params: { reason } });
    }
  })
  .transform(({ privateKey, ...pair }) => ({ ...pair, privateKey: pulumi.secret(privateKey) }));

/** Where a certificate for all hosts right below a domain comes from. */
export const wildcardCertificate = z
  .discriminatedUnion("from", [
    z.strictObject({
      from: z.literal("selfMade").meta({ description: "The platform's own authority signs the certificate." }),
    }),
    given,
    z.strictObject({
      from: z.literal("issuer").meta({ description: "cert-manager makes a certificate in each namespace." }),
      name: dnsName.meta({
        description: "Name of the ClusterIssuer. Where it checks hosts by DNS (DNS-01) any will do.",
        examples: ["letsencrypt-dns01"],
      }),
      authority,
    }),
  ])
  .meta({ description: "Where the certificate for the hosts below the domain comes from (docs/certificates.md)." });

/** What the rules about such a certificate look at. */
export interface WildcardCertificateUse {
  /** Where the setting is. */
  readonly path: SettingPath;
  readonly certificate: z.output<typeof wildcardCertificate>;
  /** Where the domain is set that the hosts come from. */
  readonly domainPath: SettingPath;
  /** Hosts that it has to be for. */
  readonly hosts: readonly string[];
  /** Whether the cluster is said to have cert-manager. */
  readonly certManager: boolean;
}

/** Why a certificate cannot be used for these hosts, in this cluster. */
export function wildcardCertificateRules({ certificate, ...use }: WildcardCertificateUse): Violation[] {
  const at = (key: string): SettingPath => [...use.path, key];
  switch (certificate.from) {
    case "selfMade":
      return [];
    case "issuer":
      return use.certManager
        ? []
        : [
            {
              paths: [at("from"), ["cluster", "capabilities", "certManager"]],
              reason: "The certificate is to come from an issuer, and the cluster is said not to have cert-manager.",
              remedy:
                "Install cert-manager and set platform:cluster.capabilities.certManager to true, or use `{ from: selfMade }`.",
            },
          ];
    case "given":
      return givenRules(certificate, use, at);
  }
}

function givenRules(
  { certificate, authority: root }: Extract<WildcardCertificateUse["certificate"], { from: "given" }>,
  { hosts, domainPath }: Pick<WildcardCertificateUse, "hosts" | "domainPath">,
  at: (key: string) => SettingPath,
): Violation[] {
  const missing = hostsNotCovered(certificate, hosts);
  return [
    ...(missing.length === 0
      ? []
      : [
          {
            paths: [at("certificate"), domainPath] as const,
            reason: `The certificate is not for ${missing.join(", ")}.`,
            remedy: "Give one whose alternative names hold `*.<domain>`, or these hosts.",
          },
        ]),
    ...(isInOrder(certificate)
      ? []
      : [
          {
            paths: [at("certificate")] as const,
            reason: "One of the certificates is not signed by the one after it, so clients would refuse them.",
            remedy: "Put the certificate of the hosts first, then the intermediate ones in the order of their signing.",
          },
        ]),
    ...(root === undefined || leadsTo(certificate, root)
      ? []
      : [
          {
            paths: [at("authority"), at("certificate")] as const,
            reason: "The authority did not sign the certificate, nor the last one that comes with it.",
            remedy: "Give the authority that did, and the intermediate certificates in between.",
          },
        ]),
  ];
}
