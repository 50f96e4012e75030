import { z } from "zod";
import { realm } from "./keycloak-realm";
import { authorityText } from "./types/pem";
import { oneLine } from "./types/text";
import { httpUrl } from "./types/url";
import { cidr, containerResources, secretText } from "./values";

/** Systems that let people log in through the identity provider. */
export const identityClients = ["portal", "pipeline", "sourceControl", "harbor", "openhands"] as const;

const externalClient = z.strictObject({
  clientId: oneLine(255).meta({ description: "Id of the client." }),
  clientSecret: secretText().meta({ description: "Secret of the client." }),
});

const external = z
  .strictObject({
    issuer: httpUrl({ path: "plain" }).meta({
      description: "Issuer URL, exactly as its tokens name it.",
      examples: ["https://sso.example.org/realms/cp-realm"],
    }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the provider, for the network policies." }),
    certificateAuthority: authorityText(
      "Authority behind its certificate, where the public ones do not know it.",
    ).exactOptional(),
    clients: z.partialRecord(z.enum(identityClients), externalClient).meta({
      description: "The clients that were made there for the systems of the platform, by system.",
      examples: [{ harbor: { clientId: "harbor", clientSecret: "…" } }],
    }),
  })
  .exactOptional()
  .meta({ description: "A provider that somebody else runs. When set, none is installed and the rest is ignored." });

/** Keycloak, the identity provider of the platform. */
export const keycloak = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: "Install Keycloak, as a part of K-PaaS." }),
    external,
    replicas: z.int().min(1).max(10).default(2).meta({
      description: "Pods. They share logins, so that any of them can answer.",
      unit: "pods",
      source: "upstream",
    }),
    databaseConnections: z.int().min(5).max(200).default(20).meta({
      description: "Connections that one pod opens to MariaDB at most.",
      unit: "connections",
    }),
    administratorPassword: secretText({ minLength: 12 }).exactOptional().meta({
      description:
        "Password of the administrator `admin` of Keycloak itself; absent: generated. Keycloak takes it at its very first start only: set it when somebody has changed it there.",
    }),
    realm,
    resources: containerResources(
      { cpu: "300m", memory: "512Mi" },
      { cpu: "2", memory: "1536Mi" },
      {
        description: "Resources of one pod. Keycloak gives 70 per cent of the memory limit to its heap.",
        leastMemory: "512Mi",
      },
    ),
  })
  .meta({ description: "Keycloak, where people log in." });
