import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { Issuer } from "../contracts";
import { selfMadeCertificate } from "../exposure/self-made-certificate";

export interface PostgresCertificateFacts {
  readonly issuer: Extract<Issuer, { kind: "selfMade" }>;
  /** Name that clients in other namespaces use. */
  readonly host: string;
  /** Further names of the same server. */
  readonly aliases: readonly string[];
  readonly metadata: { readonly namespace: pulumi.Input<string>; readonly labels: Readonly<Record<string, string>> };
}

/** Makes the server's certificate and the Secret that holds it. The certificate changes with each renewal. */
export function addPostgresCertificate(
  name: string,
  { issuer, host, aliases, metadata }: PostgresCertificateFacts,
  parent: pulumi.Resource,
): { readonly secretName: pulumi.Output<string>; readonly certificate: pulumi.Output<string> } {
  const { certificate, key } = selfMadeCertificate(name, host, issuer, { parent }, aliases);
  const secret = new Secret(
    `${name}-tls`,
    {
      metadata,
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": certificate, "tls.key": key, "ca.crt": issuer.certificate },
    },
    { parent },
  );
  return { secretName: secret.metadata.name, certificate };
}
