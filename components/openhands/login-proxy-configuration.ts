import type { Exposure } from "../exposure/exposure";

/** Path at which the proxy takes people back from the identity provider. */
export const CALLBACK_PATH = "/oauth2/callback";

/** Seconds that the protected system may take to begin an answer; starting a conversation waits for its sandbox. */
const UPSTREAM_SECONDS = 600;

export interface ProxyFacts {
  readonly port: number;
  readonly issuer: string;
  readonly clientId: string;
  /** PEM file of the authority behind the provider's certificate. @default the public authorities */
  readonly authorityFile?: string | undefined;
  readonly upstreamUrl: string;
  /** Address for people, without a slash at the end. */
  readonly url: string;
  readonly exposure: Exposure;
  readonly allowedRoles: readonly string[];
  readonly rolesClaim: string;
  readonly sessionHours: number;
}

/** The options of oauth2-proxy that are no secrets. */
export function proxyArguments(facts: ProxyFacts): string[] {
  const secure = facts.url.startsWith("https:");
  return [
    `--http-address=0.0.0.0:${facts.port}`,
    `--upstream=${facts.upstreamUrl}`,
    `--upstream-timeout=${UPSTREAM_SECONDS}s`,
    "--provider=oidc",
    `--oidc-issuer-url=${facts.issuer}`,
    `--client-id=${facts.clientId}`,
    `--redirect-url=${facts.url}${CALLBACK_PATH}`,
    "--code-challenge-method=S256",
    "--insecure-oidc-skip-nonce=false",
    "--scope=openid profile email",
    // Who has an account gets in, with or without an address of mail, unless roles are asked for.
    "--email-domain=*",
    "--oidc-email-claim=preferred_username",
    `--oidc-groups-claim=${facts.rolesClaim}`,
    ...facts.allowedRoles.map((role) => `--allowed-group=${role}`),
    // With an authority of its own only it would trust no public one any more.
    ...(facts.authorityFile === undefined
      ? []
      : [`--provider-ca-file=${facts.authorityFile}`, "--use-system-trust-store=true"]),
    `--cookie-secure=${secure}`,
    // With this prefix browsers take the cookie from this very host only, not from one next to it.
    `--cookie-name=${secure ? "__Host-" : ""}oauth2_proxy`,
    // Other sites cannot open the application's WebSocket in the name of a person.
    "--cookie-samesite=lax",
    `--cookie-expire=${facts.sessionHours}h`,
    // Who is locked out at the provider is out here after this time.
    "--cookie-refresh=5m",
    // Behind an ingress controller, which alone gets through to the proxy, its headers say who the client is.
    `--reverse-proxy=${facts.exposure.type === "ingress"}`,
    // A script of the page gets 401 where a person is sent to the login page.
    "--api-route=^/api/",
    "--api-route=^/socket.io/",
    "--pass-basic-auth=false",
    "--skip-provider-button=true",
    "--silence-ping-logging=true",
  ];
}
