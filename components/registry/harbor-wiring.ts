import * as pulumi from "@pulumi/pulumi";
import type { RedisEndpoint } from "../contracts";
import { type HarborPart, harborPorts, partName, SERVICE_HTTP_PORT } from "./harbor-parts";

/** Where the parts find each other, by the variable names that Harbor reads. Plain HTTP inside the namespace. */
export const internalUrls = {
  // The explicit port is needed: the Trivy adapter takes it from here.
  CORE_URL: `http://${partName("core")}:${SERVICE_HTTP_PORT}`,
  TOKEN_SERVICE_URL: `http://${partName("core")}:${SERVICE_HTTP_PORT}/service/token`,
  CORE_LOCAL_URL: `http://127.0.0.1:${harborPorts.http}`,
  JOBSERVICE_URL: `http://${partName("jobservice")}`,
  PORTAL_URL: `http://${partName("portal")}`,
  REGISTRY_URL: `http://${partName("registry")}:${harborPorts.registry}`,
  REGISTRY_CONTROLLER_URL: `http://${partName("registry")}:${harborPorts.http}`,
  TRIVY_ADAPTER_URL: `http://${partName("trivy")}:${harborPorts.http}`,
} as const;

/** Which of the numbered databases of Redis each part uses. Core always takes 0, whatever it is told. */
export const redisDatabases = { core: 0, jobservice: 1, registry: 2, trivy: 5 } as const;

/** What a Redis URL is made of. */
export interface RedisUrlFacts {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly sentinel?: RedisEndpoint["sentinel"] | undefined;
  /** Number of the database. */
  readonly database: number;
  /** Seconds after which an idle connection is closed. @default the client's own */
  readonly idleTimeoutSeconds?: number | undefined;
}

/** `redis://user:password@host:port/database?…` as Harbor's parts read it; user and password percent-encoded. */
export function redisUrl(facts: RedisUrlFacts): string {
  const { sentinel, username = "", password = "", idleTimeoutSeconds } = facts;
  const scheme = `${facts.tls ? "rediss" : "redis"}${sentinel === undefined ? "" : "+sentinel"}`;
  const login =
    username === "" && password === "" ? "" : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  const masterSet = sentinel === undefined ? "" : `/${sentinel.masterSet}`;
  const query = idleTimeoutSeconds === undefined ? "" : `?idle_timeout_seconds=${idleTimeoutSeconds}`;
  return `${scheme}://${login}${redisAddress(facts)}${masterSet}/${facts.database}${query}`;
}

/** `host:port`, or the sentinels' addresses. */
export function redisAddress({ host, port, sentinel }: Pick<RedisUrlFacts, "host" | "port" | "sentinel">): string {
  return sentinel === undefined ? `${host}:${port}` : sentinel.addresses.join(",");
}

/** Secret when the server wants a password. URL of one of the {@link redisDatabases} at this server. */
export function redisUrlOf(redis: RedisEndpoint, database: number, idleTimeoutSeconds?: number): pulumi.Output<string> {
  const { tls, host, port, username, sentinel } = redis;
  return pulumi
    .output(redis.password)
    .apply((password) => redisUrl({ tls, host, port, username, password, sentinel, database, idleTimeoutSeconds }));
}

/** A proxy for connections that leave the cluster. */
export interface OutboundProxy {
  /** URL for plain HTTP. */
  readonly http?: string | undefined;
  /** URL for HTTPS. */
  readonly https?: string | undefined;
  /** Further hosts and domains that are reached directly. */
  readonly noProxy: readonly string[];
}

const everyPart: readonly HarborPart[] = [
  "core",
  "database",
  "exporter",
  "jobservice",
  "nginx",
  "portal",
  "redis",
  "registry",
  "trivy",
];

/** Variables for the parts that use a proxy. Harbor's own Services are excepted: their requests would go astray there. */
export function proxyEnvironment(proxy: OutboundProxy | undefined): Record<string, string> {
  if (proxy === undefined) {
    return {};
  }
  const direct = [...everyPart.map(partName), "127.0.0.1", "localhost", ".local", ".internal", ...proxy.noProxy];
  return {
    ...(proxy.http !== undefined && { HTTP_PROXY: proxy.http }),
    ...(proxy.https !== undefined && { HTTPS_PROXY: proxy.https }),
    NO_PROXY: [...new Set(direct)].join(","),
  };
}
