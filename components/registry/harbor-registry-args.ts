import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, Issuer, NamespaceBinding, PostgresEndpoint, RedisEndpoint } from "../contracts";
import type { IngressFacts } from "../exposure/exposure";
import type { Resources } from "../kubernetes/pod";
import type { HarborTuning, OidcLogin } from "./harbor-core-configuration";
import type { HarborExposure } from "./harbor-exposure";
import type { JobLogs } from "./harbor-jobservice";
import type { ImageStorage } from "./harbor-registry-storage";
import type { HarborImages, LogLevel } from "./harbor-scope";
import type { HarborSystem } from "./harbor-system";
import type { TrivyOptions } from "./harbor-trivy";
import type { OutboundProxy } from "./harbor-wiring";
import type { DataLifecycle } from "./harbor-workload";

/** A volume: a Kubernetes quantity, and the storage class. @default the cluster's default class */
export interface VolumeFacts {
  readonly size: string;
  readonly class?: string | undefined;
}

/** Containers that have resources of their own. */
export type HarborContainer =
  | "core"
  | "database"
  | "exporter"
  | "jobservice"
  | "nginx"
  | "portal"
  | "redis"
  | "registry"
  | "registryctl"
  | "trivy";

/** Parts that may run in several pods. */
export type ScalablePart = "core" | "jobservice" | "nginx" | "portal" | "registry" | "trivy";

export interface HarborRegistryArgs {
  /** Seed: `harbor-system`. */
  readonly namespace: NamespaceBinding;
  /** All of the same version of Harbor. */
  readonly images: HarborImages;
  /** What clients call the node, the load balancer or the ingress. Seed: `harbor.local`. */
  readonly host: string;
  /** Seed: node port 30002 without TLS, or a load balancer. */
  readonly exposure: HarborExposure;
  /** Address of a proxy of one's own in front of Harbor, without a slash at the end. @default derived from host and exposure */
  readonly externalUrl?: string | undefined;
  readonly ingress: IngressFacts;
  /** Signs the certificate when the exposure wants a self-made one. */
  readonly issuer?: Issuer | undefined;
  /** PEM of the authority behind a certificate that is not self-made. @default a public one, which clients know */
  readonly certificateAuthority?: pulumi.Output<string> | undefined;
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
  /** Whether nodes have IPv6, so that the web servers can listen on it. */
  readonly ipv6: boolean;
  /** Pods of each part. @default 1 everywhere. More than one registry needs a storage that all of them can write to. */
  readonly replicas: Readonly<Record<ScalablePart, number>>;
  /** Seed's table; what it leaves out is chosen here. */
  readonly resources: Readonly<Record<HarborContainer, Resources>>;
  /** Where the images are kept. Seed: a claim of 20Gi. */
  readonly storage: ImageStorage;
  readonly jobservice: {
    /** Jobs that one pod runs at a time. @default 10 */
    readonly workers: number;
    readonly logs: JobLogs;
  };
  readonly database:
    | {
        readonly type: "internal";
        /** Seed: 5Gi. */
        readonly storage: VolumeFacts;
      }
    | {
        readonly type: "external";
        /** The database has to exist, empty at first, and its user has to own it. */
        readonly endpoint: PostgresEndpoint;
        /** Connections that the server allows. */
        readonly connections: number;
      };
  readonly redis:
    | {
        readonly type: "internal";
        /** Seed: 1Gi. */
        readonly storage: VolumeFacts;
      }
    | { readonly type: "external"; readonly endpoint: RedisEndpoint };
  /** The vulnerability scanner. @default none */
  readonly trivy?:
    | (TrivyOptions & {
        /** Seed: 5Gi. */
        readonly storage: VolumeFacts;
        readonly githubToken?: pulumi.Input<string> | undefined;
      })
    | undefined;
  /** Serve metrics, and run the exporter. Seed: on. */
  readonly metrics: boolean;
  /** Proxy for what core, the job service and the scanner fetch from the Internet. @default none */
  readonly proxy?:
    | (OutboundProxy & {
        /** Where the proxy is, for the network policies. */
        readonly server: Endpoint;
        /** Let the registry use it, too: for an object store behind it. */
        readonly forRegistry: boolean;
      })
    | undefined;
  /** Other registries to replicate with or to cache, receivers of webhooks, …: what core and the job service may call. */
  readonly outside: readonly Endpoint[];
  /** Let people log in through an OpenID Connect provider. It can be switched on only while `admin` is the only user. */
  readonly oidc?: OidcLogin | undefined;
  /** System settings that core holds with {@link oidc}; without it they go to Harbor's API. */
  readonly system: HarborSystem;
  readonly tuning: HarborTuning;
  /** Password of `admin`: the first one, or the one that people have set in Harbor. @default generated */
  readonly administratorPassword?: pulumi.Input<string> | undefined;
  /** PEM of authorities that Harbor trusts besides the public ones. */
  readonly trustedAuthorities: readonly pulumi.Input<string>[];
  readonly logLevel: LogLevel;
  readonly lifecycle: DataLifecycle;
}
