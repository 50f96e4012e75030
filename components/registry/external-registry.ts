import * as pulumi from "@pulumi/pulumi";
import type { RegistryEndpoint } from "../contracts";
import { dockerConfigJson } from "./registry-login";

export interface ExternalRegistryFacts {
  readonly scheme: "http" | "https";
  /** Host, and port where it is not the scheme's own. */
  readonly host: string;
  /** First part of the repositories. */
  readonly project: string;
  /** Address ranges where the registry lives, for the network policies. */
  readonly cidrs: readonly string[];
  readonly username: string;
  readonly password: pulumi.Input<string>;
  /** PEM of the authority behind its certificate, where the public ones do not know it. */
  readonly certificateAuthority?: string | undefined;
}

/** A login at a registry that somebody else runs; project and login have to exist there. */
export function externalRegistry(facts: ExternalRegistryFacts): RegistryEndpoint {
  const { scheme, host, username, certificateAuthority } = facts;
  const { port } = new URL(`${scheme}://${host}`);
  return {
    system: "Registry (external)",
    ports: [port === "" ? (scheme === "https" ? 443 : 80) : Number(port)],
    peer: { cidrs: facts.cidrs },
    scheme,
    host,
    project: facts.project,
    username,
    password: pulumi.secret(facts.password),
    dockerConfigJson: pulumi.secret(
      pulumi.output(facts.password).apply((password) => dockerConfigJson(host, username, password)),
    ),
    ...(certificateAuthority !== undefined && { certificateAuthority: pulumi.output(certificateAuthority) }),
    ready: [],
  };
}
