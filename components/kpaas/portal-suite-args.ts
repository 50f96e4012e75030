import type * as pulumi from "@pulumi/pulumi";
import type {
  ChartRepositoryEndpoint,
  Endpoint,
  MariaDbEndpoint,
  NamespaceBinding,
  OidcClient,
  Peer,
  RegistryEndpoint,
  VaultEndpoint,
} from "../contracts";
import type { Exposure, IngressFacts, IngressTls } from "../exposure/exposure";
import type { Resources } from "../kubernetes/pod";
import type { PushedImage } from "../registry/pushed-image";
import type { PortalApplication } from "./portal-applications";
import type { PortalProfile } from "./portal-environment";

type Some<Application extends PortalApplication, Value> = Readonly<Partial<Record<Application, Value>>>;
type All<Application extends PortalApplication, Value> = Readonly<Record<Application, Value>>;

/** Logins at one MariaDB server. The optional ones are needed where the application is installed. */
export type DatabaseLogins = All<"cp-portal-common-api" | "cp-portal-metric-api", MariaDbEndpoint> &
  Some<"cp-portal-service-broker" | "cp-portal-terraman", MariaDbEndpoint>;

/** Logins at one Vault. The optional ones are needed where the application is installed. */
export type VaultLogins = All<"cp-portal-api" | "cp-portal-metric-api", VaultEndpoint> &
  Some<
    "cp-portal-catalog-api" | "cp-portal-chaos-api" | "cp-portal-chaos-collector" | "cp-portal-terraman",
    VaultEndpoint
  >;

/** Who logs people in. */
export interface PortalIdentity {
  readonly client: OidcClient;
  readonly realm: { readonly name: string; readonly id: string };
  /** Schema of Keycloak's tables in the same MariaDB; Common-API looks people up there. */
  readonly schema: string;
  /** Login that administers all realms; for the broker. */
  readonly administrator?: { readonly username: pulumi.Input<string>; readonly password: pulumi.Input<string> };
}

/** How browsers reach the suite. */
export type PortalExposure =
  | {
      readonly type: "ingress";
      readonly host: string;
      readonly tls: IngressTls;
      /** Keep a browser at the same pod of the UI. */
      readonly stickySessions: boolean;
    }
  | {
      readonly type: "nodePort";
      /** Open the node ports of the APIs that no browser calls, too. */
      readonly internal: boolean;
    };

/** A volume that one node at a time can use. */
export interface PortalVolume {
  /** Kubernetes quantity. */
  readonly size: string;
}

export interface PortalSuiteArgs {
  readonly namespace: NamespaceBinding;
  /** Variables and probes of the release. */
  readonly profile: PortalProfile;
  /** Login that pulls the images. */
  readonly registry: RegistryEndpoint;
  readonly images: All<PortalApplication, PushedImage>;
  /** Processor architecture of the images. */
  readonly architecture: "amd64" | "arm64";
  /** Wait until all applications answer. False: images may still have to be pushed, and the cluster starts them then. */
  readonly awaitReady: boolean;
  readonly databases: DatabaseLogins;
  readonly vaults: VaultLogins;
  readonly identity: PortalIdentity;
  /** Repository that the catalogue offers first. @default none */
  readonly charts: ChartRepositoryEndpoint | undefined;
  /** Where calls of its public address arrive, when that is not the repository itself. @default there */
  readonly chartsFront?: Endpoint | undefined;
  readonly exposure: PortalExposure;
  /** Addresses that browsers use, without a slash at the end. */
  readonly urls: All<"cp-portal-api" | "cp-portal-catalog-api" | "cp-portal-chaos-api" | "cp-portal-ui", string>;
  readonly ingress: IngressFacts;
  /** DNS domain of the cluster. */
  readonly clusterDomain: string;
  readonly hostCluster: {
    /** Address of the API server, as the portal uses and shows it. */
    readonly apiUrl: string;
    /** Address of the node that Terraman logs in at. */
    readonly masterAddress: string | undefined;
  };
  /** API servers of the clusters that the portal manages, this one among them. */
  readonly clusters: readonly Endpoint[];
  /** Where applications that call public addresses arrive, when these are ports of a node. @default at pods only */
  readonly node: Endpoint | undefined;
  /** Namespaces of this platform, which tenants shall not see. */
  readonly platformNamespaces: readonly string[];
  /** @default 1 each */
  readonly replicas: Some<PortalApplication, number>;
  /** @default those of the application's table */
  readonly resources: Some<PortalApplication, Resources>;
  /** Keys and passwords between the applications; `builtIn` are those compiled into the images. */
  readonly credentials: "generated" | "builtIn";
  /** StorageClass of the volumes. @default the cluster's default class */
  readonly storageClass: string | undefined;
  readonly lifecycle: {
    /** Refuse to delete or replace the claims. */
    readonly protectData: boolean;
    /** Keep the claims in the cluster when they leave the stack. */
    readonly retainData: boolean;
  };
  /** @default not installed */
  readonly terraman: TerramanArgs | undefined;
  /** @default not installed */
  readonly catalog: { readonly internet: boolean; readonly storage: PortalVolume } | undefined;
  /** @default not installed */
  readonly chaos: { readonly dashboard: Endpoint } | undefined;
  /** Address of Chaos Mesh's dashboard; Chaos-API is told even where it is not installed. */
  readonly chaosDashboardUrl: string;
  /** @default not installed */
  readonly broker:
    | {
        readonly exposure: Extract<Exposure, { type: "clusterIp" | "nodePort" }>;
        /** Pods of the Cloud Foundry, where it runs in the same cluster. */
        readonly clients: Peer | undefined;
      }
    | undefined;
}

export interface TerramanArgs {
  /** Secret. Key of the user `ubuntu` on the node. */
  readonly sshPrivateKey: pulumi.Input<string>;
  /** Where it logs in. */
  readonly machines: Endpoint;
  readonly storage: PortalVolume;
}
