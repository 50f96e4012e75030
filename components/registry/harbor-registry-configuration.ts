import { stringify } from "yaml";
import type { RedisEndpoint } from "../contracts";
import { harborPorts } from "./harbor-parts";
import type { LogLevel } from "./harbor-scope";
import { redisAddress, redisDatabases } from "./harbor-wiring";

/** Where registry and controller find their files and the images. */
export const registryPaths = {
  configuration: "/etc/registry/config.yml",
  controllerConfiguration: "/etc/registryctl/config.yml",
  passwords: "/etc/registry/passwd",
  data: "/storage",
} as const;

/** An object store that speaks the protocol of Amazon S3. The keys come from the environment. */
export interface S3Facts {
  readonly bucket: string;
  readonly region: string;
  /** URL of a store other than Amazon's. */
  readonly endpoint?: string | undefined;
  /** Directory in the bucket. @default the bucket itself */
  readonly rootDirectory?: string | undefined;
  /** Encrypt objects at rest. */
  readonly encrypt: boolean;
  /** Serve all data through the registry, for stores that clients do not reach. */
  readonly disableRedirect: boolean;
}

/** How the registry reaches Redis; its password comes from the environment. */
export interface RegistryRedisFacts {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string | undefined;
  readonly sentinel?: RedisEndpoint["sentinel"] | undefined;
}

export interface RegistryConfigurationFacts {
  readonly logLevel: LogLevel;
  readonly metrics: boolean;
  readonly redis: RegistryRedisFacts;
  /** @default files on the volume */
  readonly s3?: S3Facts | undefined;
}

/** The registry's `config.yml` (distribution 2.8 with Harbor's changes); the controller opens the same storage by it. */
export function registryConfiguration(facts: RegistryConfigurationFacts): string {
  const { redis, s3 } = facts;
  return stringify({
    version: 0.1,
    log: { level: registryLevel(facts.logLevel), fields: { service: "registry" } },
    storage: {
      ...(s3 === undefined ? { filesystem: { rootdirectory: registryPaths.data } } : { s3: s3Driver(s3) }),
      cache: { layerinfo: "redis" },
      maintenance: { uploadpurging: { enabled: true, age: "168h", interval: "24h", dryrun: false } },
      delete: { enabled: true }, // without it garbage collection frees nothing
      redirect: { disable: s3?.disableRedirect ?? false },
    },
    redis: {
      addr: redisAddress(redis),
      ...(redis.sentinel !== undefined && { sentinelMasterSet: redis.sentinel.masterSet }),
      db: redisDatabases.registry,
      username: redis.username ?? "",
      password: "",
      enableTLS: redis.tls,
      readtimeout: "10s",
      writetimeout: "10s",
      dialtimeout: "10s",
      pool: { maxidle: 100, maxactive: 500, idletimeout: "60s" },
    },
    http: {
      addr: `:${harborPorts.registry}`,
      relativeurls: false,
      debug: facts.metrics
        ? { addr: `:${harborPorts.metrics}`, prometheus: { enabled: true, path: "/metrics" } }
        : { addr: `localhost:${harborPorts.registryDebug}` },
    },
    auth: { htpasswd: { realm: "harbor-registry-basic-realm", path: registryPaths.passwords } },
    validation: { disabled: true },
    compatibility: { schema1: { enabled: true } },
  });
}

/** The controller's `config.yml`: it deletes blobs for garbage collection. */
export function controllerConfiguration(logLevel: LogLevel): string {
  return stringify({
    protocol: "http",
    port: harborPorts.http,
    log_level: logLevel,
    registry_config: registryPaths.configuration,
  });
}

function s3Driver({ bucket, region, endpoint, rootDirectory, encrypt }: S3Facts) {
  return {
    bucket,
    region,
    ...(endpoint !== undefined && { regionendpoint: endpoint }),
    ...(rootDirectory !== undefined && { rootdirectory: rootDirectory }),
    encrypt,
    secure: endpoint?.startsWith("http:") !== true,
    v4auth: true,
  };
}

/** The registry knows fewer levels, and calls them differently. */
function registryLevel(level: LogLevel): string {
  return { debug: "debug", info: "info", warning: "warn", error: "error", fatal: "error" }[level];
}
