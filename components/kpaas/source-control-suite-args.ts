import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint, MariaDbEndpoint, NamespaceBinding, OidcClient, Peer, RegistryEndpoint } from "../contracts";
import type { IngressFacts, IngressTls } from "../exposure/exposure";
import type { Resources } from "../kubernetes/pod";
import type { PushedImage } from "../registry/pushed-image";
import type { SourceControlApplication } from "./source-control-applications";
import type { SourceControlProfile } from "./source-control-environment";

/** A user name and its password. */
export interface Account {
  readonly username: pulumi.Input<string>;
  /** Secret. */
  readonly password: pulumi.Input<string>;
}

/** Who logs people in. */
export interface SourceControlIdentity {
  readonly client: OidcClient;
  /** Name of the realm. */
  readonly realm: string;
  /** Realm role of the platform's administrators (upstream: `cp-cluster-admin-role`), and the group that has it. */
  readonly administratorRole: string;
  readonly administratorGroup: string;
}

/** How people reach the suite. */
export type SourceControlExposure =
  | { readonly type: "ingress"; readonly host: string; readonly tls: IngressTls }
  | { readonly type: "nodePort" };

/** What offers the suite as a service of a Cloud Foundry. */
export interface SourceControlBroker {
  readonly database: MariaDbEndpoint;
  /** Login that administers all realms of Keycloak. */
  readonly keycloakAdministrator: Account;
  readonly exposure: { readonly type: "clusterIp" | "nodePort" };
  /** Pods of the Cloud Foundry, where it runs in the same cluster. @default none */
  readonly clients: Peer | undefined;
}

/** What SCM-Manager keeps the repositories in, and who administers it. */
export interface ScmManagerSettings {
  /** Kubernetes quantity. Upstream: 5Gi. */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** The account that SC-API and SC-Broker use. @default the one that is compiled into their images */
  readonly administrator: Account | undefined;
}

export interface SourceControlSuiteArgs {
  /** Upstream: `cp-source-control`. SCM-Manager needs the Pod Security level `baseline`. */
  readonly namespace: NamespaceBinding;
  /** Variables and probes of the release. */
  readonly profile: SourceControlProfile;
  /** Login that pulls the images. */
  readonly registry: RegistryEndpoint;
  readonly images: Readonly<Record<SourceControlApplication, PushedImage>>;
  /** Processor architecture of the images. */
  readonly architecture: "amd64" | "arm64";
  /** Wait until all applications answer. False: images may still have to be pushed, and the cluster starts them then. */
  readonly awaitReady: boolean;
  /** Login of SC-API. */
  readonly database: MariaDbEndpoint;
  readonly identity: SourceControlIdentity;
  readonly manager: ScmManagerSettings;
  readonly exposure: SourceControlExposure;
  /** Addresses for people, without a slash at the end: Web-SC's, and SCM-Manager's without its `/scm`. */
  readonly urls: { readonly ui: string; readonly manager: string };
  /** What pods reach that call SCM-Manager's address for people. @default its own pod alone */
  readonly managerReachedThrough: Endpoint | undefined;
  /** Where pods arrive that call Keycloak's public address, when that is a port of a node. @default at pods only */
  readonly keycloakNode: Endpoint | undefined;
  /** PEM of the authority behind the certificate of these addresses. @default a public one, or there is no TLS */
  readonly certificateAuthority: pulumi.Output<string> | undefined;
  readonly ingress: IngressFacts;
  /** DNS domain of the cluster. */
  readonly clusterDomain: string;
  /** @default those of the application's table */
  readonly resources: Readonly<Partial<Record<SourceControlApplication, Resources>>>;
  readonly lifecycle: {
    /** Refuse to delete or replace the claim with the repositories. */
    readonly protectData: boolean;
    /** Keep the claim in the cluster when it leaves the stack. */
    readonly retainData: boolean;
  };
  /** @default not installed */
  readonly broker: SourceControlBroker | undefined;
}
