import { z } from "zod";
import { withReason } from "./types/checked";
import { oneLine } from "./types/text";
import { httpUrl } from "./types/url";
import { cidr, port, secretText } from "./values";

const shares = z.int().min(1).max(10).default(3).meta({
  description: "Keys that are made, once for ever.",
  unit: "keys",
  source: "upstream",
});

const threshold = z.int().min(1).max(10).default(2).meta({
  description: "Keys that are needed together; at least 2 where there is more than one.",
  unit: "keys",
  source: "upstream",
});

const parameter = (description: string, example: string) => oneLine(500).meta({ description, examples: [example] });

const flag = (description: string) =>
  z.union([z.enum(["true", "false"]), z.boolean().transform(String)]).meta({ description, allowed: "true or false" });

const guid = (description: string) =>
  z.guid().meta({ description, allowed: "an id of Azure", examples: ["00000000-0000-0000-0000-000000000000"] });

const login = (description: string) => secretText().exactOptional().meta({ description });

const googleKey = secretText({ json: "service_account" }).exactOptional().meta({
  description: "Key of a service account, as Google hands it out; absent: the nodes have a login of their own.",
});

interface Kind<Parameters extends z.ZodRawShape, Credentials extends z.ZodRawShape> {
  readonly description: string;
  /** Of the seal stanza, as Vault's documentation names them. */
  readonly parameters: Parameters;
  /** Variables of the environment, or files. */
  readonly credentials: Credentials;
  /** Parameters of Vault that hold secrets, with the credential that takes their place. */
  readonly instead: Readonly<Record<string, string>>;
  /** A login that has to be there. */
  readonly needsLogin: boolean;
}

function automatic<const Type extends string, Parameters extends z.ZodRawShape, Credentials extends z.ZodRawShape>(
  type: Type,
  { description, parameters, credentials, instead, needsLogin }: Kind<Parameters, Credentials>,
) {
  const logins = z.strictObject(credentials);
  const meta = {
    description: "Login at the key's server, by the names of Vault's documentation; empty where the nodes have one.",
  };
  return z.strictObject({
    type: z.literal(type).meta({ description }),
    shares,
    threshold,
    parameters: z.strictObject(parameters).meta({
      description: "Parameters of the seal, as Vault's documentation names them. They stand in a ConfigMap.",
      instead,
    }),
    credentials: needsLogin ? logins.meta(meta) : logins.prefault({} as z.input<typeof logins>).meta(meta),
    server: z
      .strictObject({
        cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server." }),
        ports: z.array(port).min(1).default([443]).meta({ description: "Ports of the server." }),
      })
      .meta({ description: "The server with the key, for the network policies." }),
  });
}

/** A login of two parts is there as a whole or not at all. */
const together =
  <First extends string, Second extends string>(first: First, second: Second) =>
  (value: { readonly credentials: Readonly<Partial<Record<First | Second, unknown>>> }): string | undefined =>
    (value.credentials[first] === undefined) === (value.credentials[second] === undefined)
      ? undefined
      : `${first} and ${second} make one login: set both or neither.`;

/** What opens Vault after each start. */
export const vaultSeal = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("shamir").meta({
        description: "By keys that are kept in a Secret of the cluster; a container beside each node uses them.",
      }),
      shares,
      threshold,
    }),
    automatic("transit", {
      description: "By another Vault.",
      parameters: {
        address: httpUrl().meta({
          description: "Address of that Vault.",
          examples: ["https://vault.example.org:8200"],
        }),
        key_name: parameter("Name of the key.", "platform"),
        mount_path: parameter("Where the engine transit is mounted.", "transit/"),
        namespace: parameter("Namespace of that Vault.", "ns1/").exactOptional(),
        disable_renewal: flag("Do not renew the token.").exactOptional(),
        tls_server_name: parameter("Name in its certificate.", "vault.example.org").exactOptional(),
        tls_skip_verify: flag("Do not look at its certificate.").exactOptional(),
      },
      credentials: { VAULT_TOKEN: secretText().meta({ description: "Token that may use the key." }) },
      instead: { token: "VAULT_TOKEN" },
      needsLogin: true,
    }),
    automatic("awskms", {
      description: "By a key of AWS KMS.",
      parameters: {
        region: parameter("Region of the key.", "eu-central-1").exactOptional(),
        kms_key_id: parameter("Id, ARN or alias of the key.", "alias/vault"),
        endpoint: httpUrl().exactOptional().meta({ description: "Address of KMS; absent: the public one." }),
      },
      credentials: {
        AWS_ACCESS_KEY_ID: login("Id of the access key."),
        AWS_SECRET_ACCESS_KEY: login("The access key."),
        AWS_SESSION_TOKEN: login("Token of a session."),
      },
      instead: {
        access_key: "AWS_ACCESS_KEY_ID",
        secret_key: "AWS_SECRET_ACCESS_KEY",
        session_token: "AWS_SESSION_TOKEN",
      },
      needsLogin: false,
    }).superRefine(withReason(together("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))),
    automatic("gcpckms", {
      description: "By a key of Google Cloud KMS.",
      parameters: {
        project: parameter("Project.", "platform"),
        region: parameter("Location of the key ring.", "global"),
        key_ring: parameter("Key ring.", "vault"),
        crypto_key: parameter("Key.", "seal"),
      },
      credentials: { "credentials.json": googleKey },
      instead: { credentials: "credentials.json" },
      needsLogin: false,
    }),
    automatic("azurekeyvault", {
      description: "By a key of Azure Key Vault.",
      parameters: {
        tenant_id: guid("Id of the tenant."),
        vault_name: parameter("Name of the key vault.", "platform-vault"),
        key_name: parameter("Name of the key.", "seal"),
        environment: parameter("Azure's environment; absent: the public one.", "AZUREPUBLICCLOUD").exactOptional(),
        resource: parameter("DNS suffix of the key vault; absent: the public one.", "vault.azure.net").exactOptional(),
      },
      credentials: {
        AZURE_CLIENT_ID: login("Id of the application."),
        AZURE_CLIENT_SECRET: login("Secret of the application."),
      },
      instead: { client_id: "AZURE_CLIENT_ID", client_secret: "AZURE_CLIENT_SECRET" },
      needsLogin: false,
    }).superRefine(withReason(together("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"))),
    automatic("ocikms", {
      description: "By a key of Oracle Cloud's KMS; the nodes log in as instances of Oracle's cloud.",
      parameters: {
        key_id: parameter("OCID of the key.", "ocid1.key.oc1.iad.example"),
        crypto_endpoint: httpUrl().meta({
          description: "Endpoint for encryption.",
          examples: ["https://example-crypto.kms.us-ashburn-1.oraclecloud.com"],
        }),
        management_endpoint: httpUrl().meta({
          description: "Endpoint for management.",
          examples: ["https://example-management.kms.us-ashburn-1.oraclecloud.com"],
        }),
      },
      credentials: {},
      instead: {},
      needsLogin: false,
    }),
    automatic("alicloudkms", {
      description: "By a key of Alibaba Cloud's KMS.",
      parameters: {
        kms_key_id: parameter("Id of the key.", "08c33a6f-4e0a-4a1b-a3fa-7ddfa1d4fb73"),
        region: parameter("Region of the key.", "eu-central-1").exactOptional(),
        domain: parameter("Endpoint; absent: the public one.", "kms.eu-central-1.aliyuncs.com").exactOptional(),
      },
      credentials: {
        ALICLOUD_ACCESS_KEY: login("Id of the access key."),
        ALICLOUD_SECRET_KEY: login("The access key."),
      },
      instead: { access_key: "ALICLOUD_ACCESS_KEY", secret_key: "ALICLOUD_SECRET_KEY" },
      needsLogin: false,
    }).superRefine(withReason(together("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY"))),
  ])
  .prefault({ type: "shamir" })
  .meta({ description: "What opens Vault after each start." });
