import * as pulumi from "@pulumi/pulumi";
import type { VaultEndpoint } from "../contracts";

export interface ExternalVaultFacts {
  /** Base address, without a slash at the end. */
  readonly url: string;
  /** Address ranges where it lives, for the network policies. */
  readonly cidrs: readonly string[];
  /** PEM of the authority behind its certificate, where the public ones do not know it. */
  readonly certificateAuthority?: string | undefined;
  readonly roleName: string;
  readonly roleId: pulumi.Input<string>;
  readonly secretId: pulumi.Input<string>;
}

/** The login of one application at a Vault that somebody else runs; see `docs/vault.md` for what has to be there. */
export function externalVault(facts: ExternalVaultFacts): VaultEndpoint {
  const { protocol, hostname, port: given } = new URL(facts.url);
  const scheme = protocol === "https:" ? "https" : "http";
  const port = given === "" ? (scheme === "https" ? 443 : 80) : Number(given);
  const { certificateAuthority } = facts;
  return {
    system: "Vault (external)",
    ports: [port],
    peer: { cidrs: facts.cidrs },
    url: facts.url,
    scheme,
    host: hostname,
    port,
    roleName: facts.roleName,
    roleId: pulumi.secret(facts.roleId),
    secretId: pulumi.secret(facts.secretId),
    ...(certificateAuthority !== undefined && { certificateAuthority: pulumi.output(certificateAuthority) }),
    ready: [],
  };
}
