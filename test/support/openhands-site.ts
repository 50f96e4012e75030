import * as pulumi from "@pulumi/pulumi";
import type { OidcClient } from "../../components/contracts";
import { externalRegistry } from "../../components/registry/external-registry";
import type { Registry } from "../../stacks/composition/harbor";
import { composeOpenHands } from "../../stacks/composition/openhands";
import { Site } from "../../stacks/composition/site";
import { parseSettings } from "../../stacks/settings";

/** What the language model's key is in these tests; it must be seen nowhere but in Secrets. */
export const MODEL_KEY = "key-of-the-language-model-7f3a";

/** The client at an identity provider. */
function exampleClient(): OidcClient {
  return {
    system: "Keycloak",
    ports: [8080],
    peer: { namespace: "keycloak", podLabels: { app: "keycloak" } },
    issuer: pulumi.output("https://keycloak.example.org/realms/cp-realm"),
    clientId: "openhands",
    clientSecret: pulumi.secret("secret-of-the-client"),
    certificateAuthority: pulumi.output("-----BEGIN CERTIFICATE-----"),
  };
}

const exampleRegistry: Registry = {
  pull: (project) =>
    externalRegistry({
      scheme: "https",
      host: "harbor.example.org",
      project,
      cidrs: ["192.0.2.0/24"],
      username: "puller",
      password: "password-of-the-puller",
    }),
  push: () => undefined,
};

/**
 * OpenHands as the platform composes it, with examples of what other systems give to it, and nothing else.
 * @param openhands the section of the settings, on top of an exposure by ingress
 */
export function openHandsSite(
  openhands: Readonly<Record<string, unknown>> = {},
  options: pulumi.ComponentResourceOptions = {},
): Site {
  const settings = parseSettings({
    stack: "dev",
    configured: {
      cluster: { context: "test" },
      pipeline: { enabled: false },
      harbor: {
        external: { host: "harbor.example.org", cidrs: ["192.0.2.0/24"], pull: { username: "puller", password: "x" } },
      },
      openhands: {
        exposure: { type: "ingress", host: "openhands.example.org", tls: { from: "selfMade" } },
        ...openhands,
      },
    },
    secretKeys: new Set(["harbor", "openhands"]),
  });
  const site = new Site(settings, options);
  composeOpenHands(site, { registry: exampleRegistry, client: exampleClient() });
  site.isolate();
  return site;
}
