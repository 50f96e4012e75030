import { z } from "zod";
import { exposure } from "./exposure";
import { authorityText } from "./types/pem";
import { oneLine } from "./types/text";
import {
  amounts,
  cidr,
  containerResources,
  cpuQuantity,
  dnsName,
  imageDigest,
  imageRepository,
  imageTag,
  memoryQuantity,
  ownNamespace,
  port,
  secretText,
  serverAddress,
  storageQuantity,
} from "./values";

const image = z
  .strictObject({
    repository: imageRepository.default("kubekloud/api").meta({
      description: "Project and repository in Harbor.",
      source: "seed",
      allowed: "a project of Harbor, a slash, and a repository",
      examples: ["kubekloud/api"],
    }),
    // The catalogue refuses `latest`; here it is what the seed's push flow moves.
    tag: z
      .union([z.literal("latest"), imageTag])
      .default("latest")
      .meta({ description: "Tag; better one that is never moved.", source: "seed", allowed: "an image tag" }),
    digest: imageDigest.exactOptional().meta({ description: "Digest of the image; wins over the tag." }),
  })
  .prefault({})
  .meta({ description: "The image of the API. It comes from the registry of the section harbor." });

const pods = (defaultValue: number, description: string) =>
  z.int().min(1).max(100).default(defaultValue).meta({ description, unit: "pods", source: "seed" });

const percent = (defaultValue: number, description: string) =>
  z.int().min(10).max(100).default(defaultValue).meta({ description, unit: "per cent", source: "seed" });

const scaling = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("utilization").meta({ description: "By load (HorizontalPodAutoscaler); needs metrics-server." }),
      minReplicas: pods(2, "Fewest pods."),
      maxReplicas: pods(10, "Most pods."),
      cpuPercent: percent(70, "Processor load to aim at, of the request."),
      memoryPercent: percent(80, "Use of memory to aim at, of the request."),
    }),
    z.strictObject({
      type: z.literal("fixed").meta({ description: "Always the same number." }),
      replicas: pods(2, "Number of pods."),
    }),
  ])
  .prefault({ type: "utilization" })
  .meta({ description: "How many pods there are.", source: "seed" });

const external = z
  .strictObject({
    host: serverAddress.meta({ description: "Address of the server." }),
    port: port.default(5432).meta({ description: "Port of the server." }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
    database: z
      .string()
      .regex(/^(?!\.{1,2}$)\P{Cc}{1,63}$/u)
      .default("kubekloud")
      .meta({
        description: "Database; it has to exist.",
        allowed: "1 to 63 characters, but neither . nor .., which lead elsewhere in a URL",
      }),
    username: oneLine(63).default("kubekloud_user").meta({ description: "Role that owns the database." }),
    password: secretText().meta({ description: "Password of the role." }),
    sslmode: z.enum(["disable", "require", "verify-full"]).default("verify-full").meta({
      description: "How the connection is protected, in libpq's words.",
    }),
    certificateAuthority: authorityText(
      "Authority behind the server's certificate, public or not; verify-full needs it.",
    ).exactOptional(),
  })
  .exactOptional()
  .meta({ description: "A server that somebody else runs. When set, none is installed and the rest is ignored." });

const database = z
  .strictObject({
    external,
    storage: z
      .strictObject({
        size: storageQuantity
          .prefault("10Gi")
          .meta({ description: "Size of the claim.", unit: "bytes", source: "seed" }),
        class: dnsName.exactOptional().meta({ description: "StorageClass; absent: the cluster's default." }),
      })
      .prefault({})
      .meta({ description: "Where the data lies." }),
    maxConnections: z.int().min(30).max(2000).default(200).meta({
      description: "Connections that the server takes; one pod of the API opens up to 15.",
      unit: "connections",
    }),
    tls: z.boolean().default(false).meta({
      description: "Encrypt the connections, with a certificate of the platform's own authority.",
    }),
    exporter: z.boolean().default(false).meta({ description: "Serve metrics for Prometheus." }),
    resources: containerResources(
      { cpu: "250m", memory: "256Mi" },
      { cpu: "500m", memory: "512Mi" },
      { description: "Resources of the server.", source: "seed", leastMemory: "128Mi" },
      "the server",
    ),
  })
  .prefault({})
  .meta({ description: "PostgreSQL, where the API keeps users and clusters." });

const tenants = z
  .strictObject({
    quota: z
      .strictObject({
        cpu: cpuQuantity.prefault("16").meta({ description: "Processor time.", unit: "CPUs" }),
        memory: memoryQuantity.prefault("32Gi").meta({ description: "Memory.", unit: "bytes" }),
        storage: storageQuantity.prefault("100Gi").meta({ description: "Volumes.", unit: "bytes" }),
        pods: z.int().min(1).max(1000).default(50).meta({ description: "Pods.", unit: "pods" }),
      })
      .prefault({})
      .meta({ description: "What all pods of one tenant namespace may use together." }),
    containerDefaults: amounts({ cpu: "250m", memory: "256Mi" }).omit({ "ephemeral-storage": true }).prefault({}).meta({
      description: "What a container gets that does not say what it needs; with `kubevirt` as request only, no limit.",
    }),
    internet: z.boolean().default(false).meta({ description: "Let tenants open connections to the Internet." }),
  })
  .prefault({})
  .meta({ description: "What every namespace gets that the API makes for a cluster." });

const userAdministration = z
  .strictObject({
    open: z.boolean().default(false).meta({
      description: "Let everybody who reaches the API list and create users: the application asks for no login there.",
    }),
    allowedSources: z.array(cidr).default([]).meta({
      description:
        "Address ranges of administrators, for an exposure of the type ingress at ingress-nginx; empty: nobody, but `kubectl port-forward` gets through.",
    }),
  })
  .prefault({})
  .meta({ description: "Who reaches the paths `/api/v1/users` and `/api/v1/users/`." });

/** KubeKloud's API and its database. */
export const kubekloud = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: "Install the KubeKloud API and its database." }),
    namespace: ownNamespace
      .default("kubekloud-api")
      .meta({ description: "Namespace of the API and its database.", source: "seed" }),
    image,
    imageGate: z.enum(["await", "skip"]).default("skip").meta({
      description:
        "What a run does while the image is not in the registry: `await` it and fail in the end, or `skip` the wait; the API then starts by itself once the image was pushed.",
    }),
    scaling,
    resources: containerResources(
      { cpu: "250m", memory: "256Mi" },
      { cpu: "500m", memory: "512Mi" },
      { description: "Resources of one API pod.", source: "seed", leastMemory: "128Mi" },
    ),
    exposure: exposure
      .prefault({ type: "loadBalancer", allowedSources: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] })
      .meta({ description: "How clients reach the API.", source: "seed" }),
    userAdministration,
    kubevirt: z.boolean().default(false).meta({
      description:
        "Let virtual machines start in tenants' namespaces; needs KubeVirt and lowers their Pod Security level.",
    }),
    database,
    tenants,
  })
  .meta({ description: "The KubeKloud API, its database and what its tenants get." });
