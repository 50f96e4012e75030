import { z } from "zod";
import { vaultApplications } from "../../components/secrets/vault-kpaas-policies";
import { cidr, containerResources, dnsLabel, dnsName, port, quantity, secretText } from "./values";

const externalRole = z.strictObject({
  roleName: z.string().min(1).meta({ description: "Name of the AppRole role." }),
  roleId: secretText().meta({ description: "Its role id." }),
  secretId: secretText().meta({ description: "A secret id of it." }),
});

const external = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+$/)
      .meta({
        description: "Address of the server.",
        allowed: "an http or https URL without a path",
        examples: ["https://vault.example.org:8200"],
      }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
    certificateAuthority: z
      .string()
      .regex(/^-----BEGIN CERTIFICATE-----/)
      .exactOptional()
      .meta({
        description: "Authority behind its certificate, where the public ones do not know it.",
        allowed: "a certificate in PEM",
      }),
    applications: z.partialRecord(z.enum(vaultApplications), externalRole).meta({
      description: "The role that each application of the portal logs in with, by application.",
      examples: [{ "cp-portal-api": { roleName: "cp-portal-api", roleId: "…", secretId: "…" } }],
    }),
  })
  .exactOptional()
  .meta({ description: "A Vault that somebody else runs. When set, none is installed and the rest is ignored." });

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

const automatic = <Type extends string>(type: Type, description: string) =>
  z.strictObject({
    type: z.literal(type).meta({ description }),
    shares,
    threshold,
    parameters: z
      .record(z.string().regex(/^[a-z_]+$/), z.string())
      .default({})
      .meta({
        description: "Parameters of the seal, as Vault's documentation names them; no secrets.",
        allowed: "an object of parameter names and text",
        examples: [{ address: "https://vault.example.org:8200", key_name: "platform", mount_path: "transit/" }],
      }),
    credentials: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.]*$/), secretText())
      .default({})
      .meta({
        description:
          "Login at the key's server: environment variables as Vault's documentation names them, or the entry credentials.json for gcpckms; empty where the nodes have a login of their own.",
        allowed: "an object of variable names and secret texts",
        examples: [{ VAULT_TOKEN: "…" }],
      }),
    server: z
      .strictObject({
        cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server." }),
        ports: z.array(port).min(1).default([443]).meta({ description: "Ports of the server." }),
      })
      .meta({ description: "The server with the key, for the network policies." }),
  });

const seal = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("shamir").meta({
        description: "By keys that are kept in a Secret of the cluster; a container beside each node uses them.",
      }),
      shares,
      threshold,
    }),
    automatic("transit", "By another Vault."),
    automatic("awskms", "By a key of AWS KMS."),
    automatic("gcpckms", "By a key of Google Cloud KMS."),
    automatic("azurekeyvault", "By a key of Azure Key Vault."),
  ])
  .prefault({ type: "shamir" })
  .meta({ description: "What opens Vault after each start." });

const seconds = (defaultValue: number, description: string) =>
  z.int().min(10).max(86_400).default(defaultValue).meta({ description, unit: "seconds", source: "upstream" });

/** Vault, where the portal keeps the credentials of clusters and infrastructure. */
export const vault = z
  .strictObject({
    external,
    replicas: z.literal([1, 3]).default(1).meta({
      description: "Number of nodes. A majority has to be up, so only odd numbers help.",
      unit: "pods",
      source: "upstream",
    }),
    storage: z
      .strictObject({
        size: quantity
          .prefault("10Gi")
          .meta({ description: "Volume of each node.", unit: "bytes", source: "upstream" }),
        class: dnsName
          .exactOptional()
          .meta({ description: "StorageClass; absent: that of K-PaaS, and without one the cluster's default." }),
      })
      .prefault({})
      .meta({ description: "Where the data lies." }),
    seal,
    tls: z.boolean().default(false).meta({
      description:
        "Encrypt the connections of the pods, with a certificate of the platform's own authority; the portal's Java applications have to trust it.",
    }),
    audit: z.boolean().default(false).meta({
      description: "Write every request to the log of the pods, secrets replaced by hashes.",
    }),
    metrics: z.boolean().default(false).meta({
      description: "Serve metrics for Prometheus. They need no login, so an exposure shows them too.",
    }),
    tokens: z
      .strictObject({
        ttlSeconds: seconds(60, "Until an application's token has to be renewed."),
        maxTtlSeconds: seconds(600, "Until the application has to log in again."),
      })
      .prefault({})
      .meta({ description: "The tokens that applications get by their login." }),
    secretIdRotation: z.int().min(1).default(1).meta({
      description: "Another number gives every application a new secret id, and the old ones are of no use any more.",
    }),
    hostCluster: z
      .strictObject({
        account: dnsLabel.default("cp-cluster-admin").meta({
          description: "Service account that the portal manages this cluster with; it is bound to cluster-admin.",
          source: "upstream",
        }),
        tokenDays: z.int().min(1).max(365).default(30).meta({
          description:
            "Life of its token, which is replaced when less than half is left; the API server may give less than it is asked for.",
          unit: "days",
        }),
      })
      .prefault({})
      .meta({ description: "The login of the portal at the cluster that the platform runs on." }),
    reconcileSchedule: z
      .string()
      .regex(/^\S+ \S+ \S+ \S+ \S+$/)
      .default("23 */6 * * *")
      .meta({
        description: "When everything in Vault is looked through again and the token of the host cluster is renewed.",
        allowed: "five cron fields",
      }),
    resources: containerResources(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "1", memory: "512Mi" },
      { description: "Resources of each node." },
      "a node",
    ),
  })
  .meta({ description: "Vault, where the portal keeps the credentials of clusters and infrastructure." });
