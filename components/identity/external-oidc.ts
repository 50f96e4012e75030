import * as pulumi from "@pulumi/pulumi";
import type { OidcClient } from "../contracts";

export interface ExternalOidc {
  /** Issuer URL, without a slash at the end. */
  readonly issuer: string;
  /** Address ranges of the provider, for the network policies. */
  readonly cidrs: readonly string[];
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: pulumi.Input<string>;
  /** PEM of the authority behind its certificate. @default a public one, which clients know */
  readonly certificateAuthority?: string | undefined;
}

/** The contract for a client at an identity provider that somebody else runs. */
export function externalOidc({
  issuer,
  cidrs,
  clientId,
  clientSecret,
  certificateAuthority,
}: ExternalOidc): OidcClient {
  const { port, protocol } = new URL(issuer);
  const standard = protocol === "https:" ? 443 : 80;
  return {
    system: "Identity provider",
    ports: [port === "" ? standard : Number(port)],
    peer: { cidrs },
    issuer: pulumi.output(issuer),
    clientId,
    clientSecret: pulumi.secret(clientSecret),
    ...(certificateAuthority !== undefined && { certificateAuthority: pulumi.output(certificateAuthority) }),
  };
}
