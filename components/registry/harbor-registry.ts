import * as pulumi from "@pulumi/pulumi";
import type {
  Connection,
  Endpoint,
  NetworkPlace,
  PodLabels,
  PostgresEndpoint,
  RedisEndpoint,
  Workload,
} from "../contracts";
import { contentHash } from "../kubernetes/checksum";
import { addDisruptionBudgets, harborScope, runningParts } from "./harbor-common";
import { harborConnections, measuredParts } from "./harbor-connections";
import { harborCore } from "./harbor-core";
import { connectionsPerPod, podsDuringUpdate } from "./harbor-core-configuration";
import { DATABASE_CONNECTIONS, harborDatabase } from "./harbor-database";
import { harborExporter } from "./harbor-exporter";
import { externalUrl, registryHost } from "./harbor-exposure";
import { type HarborCertificate, harborCertificate, harborIngress, harborNginx } from "./harbor-front";
import { harborJobservice } from "./harbor-jobservice";
import {
  type HarborPart,
  harborPorts,
  METRICS_PORT_NAME,
  partName,
  partSelector,
  SERVICE_HTTP_PORT,
} from "./harbor-parts";
import { harborPortal } from "./harbor-portal";
import { harborRedis } from "./harbor-redis";
import type { HarborRegistryArgs } from "./harbor-registry-args";
import { harborRegistryStorage } from "./harbor-registry-storage";
import { type HarborScope, workloadOf } from "./harbor-scope";
import { ADMINISTRATOR, harborSecrets } from "./harbor-secrets";
import { harborTrivy } from "./harbor-trivy";

/** Harbor's API as pods in the cluster reach it, with the login of the administrator. */
export interface HarborApi extends Endpoint {
  /** Base URL without a path. */
  readonly url: string;
  readonly username: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** Changes with the password; nothing can be learnt about it from here. */
  readonly passwordVersion: pulumi.Output<string>;
  /** What has to be there before anybody asks. */
  readonly ready: readonly pulumi.Resource[];
}

/** Where Prometheus finds the metrics of a part. */
export interface HarborMetrics {
  readonly part: HarborPart;
  /** Labels of the Service in front of the pods. */
  readonly serviceLabels: PodLabels;
  /** Name of the Service's port. */
  readonly portName: string;
  readonly endpoint: Endpoint;
}

/** Harbor: a registry for images and Helm charts with projects, robot accounts and a vulnerability scanner. */
export class HarborRegistry extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** What people and clients type. */
  readonly url: string;
  readonly scheme: "http" | "https";
  /** How image references begin: `harbor.local:30002`. */
  readonly host: string;
  /** PEM of the authority behind the certificate, where the public ones do not know it. */
  readonly certificateAuthority: pulumi.Output<string> | undefined;
  /** For the jobs that set Harbor up. */
  readonly api: HarborApi;
  /** Harbor's nginx, where clients inside the cluster end up, too. @default none, they go through the ingress */
  readonly front: Endpoint | undefined;
  /** Prometheus metrics, by the part that serves them. */
  readonly metrics: readonly HarborMetrics[];

  constructor(name: string, args: HarborRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:registry:HarborRegistry", name, {}, opts);
    const { exposure, lifecycle, replicas, resources } = args;
    const { plainName } = args.namespace;
    this.url = externalUrl({ ...args, namespace: plainName, override: args.externalUrl });
    this.scheme = this.url.startsWith("https:") ? "https" : "http";
    this.host = registryHost(this.url);

    const secrets = harborSecrets(name, this, {
      protect: lifecycle.protectData,
      administratorPassword: args.administratorPassword,
    });
    const scope = harborScope(name, this, args, secrets);
    const certificate = harborCertificate(scope, exposure, this.url, args.issuer);
    this.certificateAuthority = certificate?.authority ?? args.certificateAuthority;

    const data = dataStores(scope, args);
    const { database, redis } = data;
    const core = harborCore(scope, {
      replicas: replicas.core,
      resources: resources.core,
      lifecycle,
      secrets,
      externalUrl: this.url,
      database,
      databaseConnections: connectionsPerPod(
        data.connections,
        podsDuringUpdate(replicas.core) + podsDuringUpdate(replicas.jobservice), // the job service asks core for its share
        args.metrics,
      ),
      redis,
      trivy: args.trivy !== undefined,
      storageDriver: args.storage.type,
      oidc: args.oidc,
      system: args.system,
      tuning: args.tuning,
      authoritySecret: certificate?.secretName,
      dependsOn: [...data.ready, ...(certificate?.ready ?? [])],
    });
    harborPortal(scope, { replicas: replicas.portal, resources: resources.portal, ipv6: args.ipv6 });
    const registry = harborRegistryStorage(scope, {
      replicas: replicas.registry,
      storage: args.storage,
      resources: { registry: resources.registry, controller: resources.registryctl },
      lifecycle,
      secrets,
      redis,
      useProxy: args.proxy?.forRegistry ?? false,
    });
    harborJobservice(scope, {
      ...args.jobservice,
      replicas: replicas.jobservice,
      resources: resources.jobservice,
      lifecycle,
      secrets,
      redis,
      cacheHours: args.tuning.cacheHours,
      dependsOn: [core],
    });
    if (args.trivy !== undefined) {
      harborTrivy(scope, { ...args.trivy, replicas: replicas.trivy, resources: resources.trivy, lifecycle, redis });
    }
    if (args.metrics) {
      harborExporter(scope, { resources: resources.exporter, database, redis, dependsOn: data.ready });
    }
    addDisruptionBudgets(scope, args);

    const parts = runningParts(args);
    this.workloads = parts.map((part) => workloadOf(scope, part));
    this.connections = [
      ...this.addFront(scope, args, certificate),
      ...harborConnections({
        namespace: plainName,
        parts,
        database,
        redis,
        objectStore: args.storage.type === "s3" ? args.storage.server : undefined,
        storeRedirects: args.storage.type === "s3" && !args.storage.disableRedirect,
        proxy: args.proxy?.server,
        registryUsesProxy: args.proxy?.forRegistry ?? false,
        identityProvider: args.oidc?.client,
        trivyDownloads: args.trivy !== undefined && !args.trivy.offline && args.proxy === undefined,
        outside: args.outside,
      }),
    ];
    const { http, https } = harborPorts;
    this.front =
      exposure.type === "ingress"
        ? undefined
        : served(scope, "nginx", exposure.tls.from === "none" ? [http] : [http, https]);
    this.metrics = args.metrics ? measuredParts.map((part) => metricsOf(scope, part)) : [];
    this.api = {
      ...served(scope, "core", [http]),
      url: `http://${partName("core")}.${plainName}.svc.${args.clusterDomain}:${SERVICE_HTTP_PORT}`,
      username: ADMINISTRATOR,
      password: secrets.administratorPassword,
      passwordVersion: pulumi.unsecret(
        pulumi.output({ password: secrets.administratorPassword, salt: secrets.checksumSalt }).apply(contentHash),
      ),
      ready: [core, registry],
    };
    this.registerOutputs({ url: this.url, host: this.host });
  }

  private addFront(scope: HarborScope, args: HarborRegistryArgs, certificate: HarborCertificate | undefined) {
    const { exposure, host, ingress, ipv6 } = args;
    return exposure.type === "ingress"
      ? harborIngress(scope, { exposure, host, ingress, certificate })
      : harborNginx(scope, {
          exposure,
          externalUrl: this.url,
          replicas: args.replicas.nginx,
          resources: args.resources.nginx,
          ipv6,
          certificate,
        });
  }
}

interface DataStores {
  readonly database: PostgresEndpoint;
  /** Connections that the database allows. */
  readonly connections: number;
  readonly redis: RedisEndpoint;
  /** Those of them that run here. */
  readonly ready: readonly pulumi.Resource[];
}

/** Harbor's own database and Redis, or those that somebody else runs. */
function dataStores(scope: HarborScope, args: HarborRegistryArgs): DataStores {
  const { lifecycle, resources } = args;
  const database =
    args.database.type === "external"
      ? { ...args.database, ready: undefined }
      : {
          ...harborDatabase(scope, { ...args.database, resources: resources.database, lifecycle }),
          connections: DATABASE_CONNECTIONS,
        };
  const redis =
    args.redis.type === "external"
      ? { ...args.redis, ready: undefined }
      : harborRedis(scope, { ...args.redis, resources: resources.redis, lifecycle });
  return {
    database: database.endpoint,
    connections: database.connections,
    redis: redis.endpoint,
    ready: [database.ready, redis.ready].filter((each) => each !== undefined),
  };
}

function metricsOf(scope: HarborScope, part: HarborPart): HarborMetrics {
  const serviceLabels = partSelector(part);
  return { part, serviceLabels, portName: METRICS_PORT_NAME, endpoint: served(scope, part, [harborPorts.metrics]) };
}

function served(scope: HarborScope, part: HarborPart, ports: readonly number[]): Endpoint {
  return { system: "Harbor", ports, peer: { namespace: scope.namespace.plainName, podLabels: partSelector(part) } };
}
