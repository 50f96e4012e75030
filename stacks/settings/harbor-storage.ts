import { z } from "zod";
import {
  cidr,
  dnsName,
  hostAndPort,
  httpUrl,
  oneLine,
  port,
  secretText,
  serverAddress,
  storageQuantity,
} from "./values";

const storageClass = dnsName.exactOptional().meta({ description: "StorageClass; absent: the cluster's default." });

/** A volume for each pod. */
export const volume = (size: string, description: string) =>
  z
    .strictObject({
      size: storageQuantity.prefault(size).meta({ description: "Size of the volume.", unit: "bytes", source: "seed" }),
      class: storageClass,
    })
    .prefault({})
    .meta({ description });

const shared = (size: string, source: "seed" | "upstream") => ({
  size: storageQuantity.prefault(size).meta({ description: "Size of the volume.", unit: "bytes", source }),
  class: storageClass,
  accessMode: z.enum(["ReadWriteOnce", "ReadWriteMany"]).default("ReadWriteOnce").meta({
    description: "ReadWriteMany lets several pods share the volume; the class has to support it.",
    source: "upstream",
  }),
});

const s3 = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^(?!.*[.-]{2})(?!\d+(?:\.\d+){3}$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
      .meta({ description: "Bucket.", allowed: "the name of a bucket", examples: ["harbor"] }),
    region: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/)
      .default("us-east-1")
      .meta({ description: "Region; stores other than Amazon's mostly ignore it.", allowed: "the name of a region" }),
    endpoint: httpUrl()
      .exactOptional()
      .meta({ description: "URL of a store other than Amazon's.", examples: ["https://minio.example.org:9000"] }),
    rootDirectory: z
      .string()
      .regex(/^\/?(?!\.{1,2}(?:\/|$))[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)*$/)
      .exactOptional()
      .meta({
        description: "Directory in the bucket; absent: the bucket itself.",
        allowed: "a path without spaces",
        examples: ["harbor/images"],
      }),
    accessKey: secretText().meta({ description: "Access key." }),
    secretKey: secretText().meta({ description: "Secret key." }),
    encrypt: z.boolean().default(false).meta({ description: "Have the store encrypt objects." }),
    disableRedirect: z.boolean().default(false).meta({
      description: "Serve all data through the registry: for MinIO, and for stores that clients do not reach.",
    }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the store, for the network policies." }),
  })
  .exactOptional()
  .meta({ description: "An object store that speaks the protocol of Amazon S3, instead of the volume." });

/** Where the images are kept. */
export const imageStorage = z
  .strictObject({ ...shared("20Gi", "seed"), s3 })
  .prefault({})
  .meta({ description: "Where the images are kept." });

/** Where the logs of jobs are kept. */
export const jobLogs = z
  .strictObject({
    inDatabase: z.boolean().default(false).meta({ description: "As rows in Harbor's database, without a volume." }),
    ...shared("1Gi", "upstream"),
  })
  .prefault({})
  .meta({ description: "Where the logs of jobs are kept." });

/** Harbor's PostgreSQL. */
export const harborDatabase = z
  .strictObject({
    storage: volume("5Gi", "Block storage: on NFS with root squash the database cannot take over its files."),
    external: z
      .strictObject({
        host: serverAddress.meta({ description: "Address of the server." }),
        port: port.default(5432).meta({ description: "Port of the server." }),
        database: oneLine(63).default("registry").meta({ description: "Database, empty at first." }),
        username: oneLine(63).meta({ description: "User that owns it.", examples: ["harbor"] }),
        password: secretText({
          pattern: /^[\w.~-]+$/,
          words: "of letters, digits and `_ . ~ -` only",
        }).meta({ description: "Password. Harbor puts it into connection strings as it is." }),
        sslmode: z
          .enum(["disable", "require", "verify-full"])
          .default("require")
          .meta({ description: "How the connection is protected, in libpq's words." }),
        maxConnections: z.int().min(50).max(100_000).default(100).meta({
          description: "Connections that the server allows; Harbor's pods stay below them together.",
          unit: "connections",
          source: "upstream",
        }),
        cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
      })
      .exactOptional()
      .meta({ description: "A PostgreSQL (14 or later) that somebody else runs, instead of Harbor's own." }),
  })
  .prefault({})
  .meta({ description: "Harbor's database." });

/** Harbor's Redis. */
export const harborRedis = z
  .strictObject({
    storage: volume("1Gi", "Sessions, caches and the queue of jobs."),
    external: z
      .strictObject({
        host: serverAddress.meta({ description: "Address of the server." }),
        port: port.default(6379).meta({ description: "Port of the server." }),
        tls: z.boolean().default(false).meta({ description: "Talk to it by TLS." }),
        username: oneLine().exactOptional().meta({ description: "User; absent: the default user." }),
        password: secretText().exactOptional().meta({ description: "Password." }),
        sentinel: z
          .strictObject({
            addresses: z
              .array(hostAndPort)
              .min(1)
              .meta({ description: "`host:port` of each sentinel.", allowed: "a list of `host:port`" }),
            masterSet: z
              .string()
              .regex(/^[A-Za-z0-9._-]{1,63}$/)
              .meta({
                description: "Name of the set.",
                allowed: "1 to 63 letters, digits, dots, dashes and underscores",
                examples: ["mymaster"],
              }),
          })
          .exactOptional()
          .meta({ description: "Ask sentinels for the server, instead of `host` and `port`." }),
        cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of server and sentinels." }),
        ports: z.array(port).min(1).exactOptional().meta({
          description: "Ports for the network policies; absent: `port`. With sentinels name theirs and the server's.",
        }),
      })
      .exactOptional()
      .meta({ description: "A Redis that somebody else runs, instead of Harbor's own." }),
  })
  .prefault({})
  .meta({ description: "Harbor's Redis." });
