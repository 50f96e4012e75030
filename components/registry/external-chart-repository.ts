import * as pulumi from "@pulumi/pulumi";
import type { ChartRepositoryEndpoint } from "../contracts";

export interface ExternalChartRepositoryFacts {
  /** Base address, without a slash at the end. */
  readonly url: string;
  /** Address ranges where it lives, for the network policies. */
  readonly cidrs: readonly string[];
  readonly anonymousRead: boolean;
  /** Who may push. @default nobody that the platform knows */
  readonly login?: { readonly username: string; readonly password: pulumi.Input<string> } | undefined;
  /** PEM of the authority behind its certificate, where the public ones do not know it. */
  readonly certificateAuthority?: string | undefined;
}

/** A chart repository that somebody else runs. */
export function externalChartRepository(facts: ExternalChartRepositoryFacts): ChartRepositoryEndpoint {
  const { url, login, certificateAuthority } = facts;
  const { port, protocol } = new URL(url);
  return {
    system: "Chart repository (external)",
    ports: [port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)],
    peer: { cidrs: facts.cidrs },
    url,
    ready: [],
    publicUrl: url,
    anonymousRead: facts.anonymousRead,
    ...(login !== undefined && { login: { username: login.username, password: pulumi.secret(login.password) } }),
    ...(certificateAuthority !== undefined && { certificateAuthority: pulumi.output(certificateAuthority) }),
  };
}
