import { z } from "zod";
import { vaultApplications } from "../../components/secrets/vault-kpaas-policies";
import { cron } from "./types/cron";
import { authorityText } from "./types/pem";
import { oneLine } from "./types/text";
import { httpUrl } from "./types/url";
import { cidr, containerResources, dnsLabel, dnsName, secretText, storageQuantity } from "./values";
import { vaultSeal } from "./vault-seal";

const externalRole = z.strictObject({
  roleName: oneLine().meta({ description: "Name of the AppRole role." }),
  roleId: secretText().meta({ description: "Its role id." }),
  secretId: secretText().meta({ description: "A secret id of it." }),
});

const external = z
  .strictObject({
    url: httpUrl({ path: "none" }).meta({
      description: "Address of the server.",
      examples: ["https://vault.example.org:8200"],
    }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
    certificateAuthority: authorityText(
      "Authority behind its certificate, where the public ones do not know it.",
    ).exactOptional(),
    applications: z.partialRecord(z.enum(vaultApplications), externalRole).meta({
      description: "The role that each application of the portal logs in with, by application.",
      examples: [{ "cp-portal-api": { roleName: "cp-portal-api", roleId: "…", secretId: "…" } }],
    }),
  })
  .exactOptional()
  .meta({ description: "A Vault that somebody else runs. When set, none is installed and the rest is ignored." });

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
        size: storageQuantity
          .prefault("10Gi")
          .meta({ description: "Volume of each node.", unit: "bytes", source: "upstream" }),
        class: dnsName
          .exactOptional()
          .meta({ description: "StorageClass; absent: that of K-PaaS, and without one the cluster's default." }),
      })
      .prefault({})
      .meta({ description: "Where the data lies." }),
    seal: vaultSeal,
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
    secretIdRotation: z.int().min(1).max(1_000_000).default(1).meta({
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
    reconcileSchedule: cron.default("23 */6 * * *").meta({
      description: "When everything in Vault is looked through again and the token of the host cluster is renewed.",
    }),
    resources: containerResources(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "1", memory: "512Mi" },
      { description: "Resources of each node.", leastMemory: "64Mi" },
      "a node",
    ),
  })
  .meta({ description: "Vault, where the portal keeps the credentials of clusters and infrastructure." });
