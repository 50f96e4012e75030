import type {
  Endpoint,
  MariaDbEndpoint,
  NamespaceBinding,
  OidcClient,
  Peer,
  RegistryEndpoint,
  SonarEndpoint,
} from "../contracts";
import type { IngressFacts, IngressTls } from "../exposure/exposure";
import type { Resources } from "../kubernetes/pod";
import type { PushedImage } from "../registry/pushed-image";
import type { JenkinsSettings } from "./jenkins";
import type { PipelineProgram } from "./pipeline-applications";
import type { PipelineProfile } from "./pipeline-environment";
import type { Account } from "./source-control-suite-args";

/** Who logs people in. */
export interface PipelineIdentity {
  readonly client: OidcClient;
  /** Name of the realm. */
  readonly realm: string;
  /** Login at the realm `master`, by which Pipeline-API looks users up. */
  readonly administrator: Account;
  /** Realm role of the platform's administrators (upstream: `cp-cluster-admin-role`), and the group that has it. */
  readonly administratorRole: string;
  readonly administratorGroup: string;
}

/** The Inspection-Server. The user has to be an administrator: Inspection-API makes projects, gates and profiles. */
export type InspectionServer = Omit<SonarEndpoint, "token"> & Partial<Pick<SonarEndpoint, "token">>;

/** How people reach the suite. */
export type PipelineExposure =
  | { readonly type: "ingress"; readonly host: string; readonly tls: IngressTls }
  | {
      readonly type: "nodePort";
      /** Open the node ports of Jenkins and of the programs that no browser calls, too, as upstream does. */
      readonly internal: boolean;
    };

/** What offers the suite as a service of a Cloud Foundry. */
export interface PipelineBroker {
  readonly database: MariaDbEndpoint;
  readonly exposure: { readonly type: "clusterIp" | "nodePort" };
  /** Pods of the Cloud Foundry, where it runs in the same cluster. @default none */
  readonly clients: Peer | undefined;
  /** API of the Cloud Foundry. */
  readonly cloudFoundry: { readonly url: string; readonly server: Endpoint };
}

export interface PipelineSuiteArgs {
  /** Upstream: `cp-pipeline`. Privileged builds need the Pod Security level `privileged`. */
  readonly namespace: NamespaceBinding;
  /** Variables and probes of the release. */
  readonly profile: PipelineProfile;
  /** Login that pulls the images. */
  readonly registry: RegistryEndpoint;
  /** Login at the registry's API that Pipeline-API makes projects and users with. */
  readonly registryAdministrator: Account;
  readonly images: Readonly<Record<PipelineProgram, PushedImage>>;
  /** Processor architecture of the images. */
  readonly architecture: "amd64" | "arm64";
  /** Wait until all programs answer. False: images may still have to be pushed, and the cluster starts them then. */
  readonly awaitReady: boolean;
  readonly databases: Readonly<Record<"cp-pipeline-common-api" | "cp-pipeline-config-server", MariaDbEndpoint>>;
  readonly identity: PipelineIdentity;
  readonly inspection: InspectionServer;
  readonly jenkins: JenkinsSettings;
  readonly exposure: PipelineExposure;
  /** Address of Web-Pipeline for people, without a slash at the end. */
  readonly url: string;
  /** Where pods arrive that call Keycloak's public address, when that is a port of a node. @default at pods only */
  readonly keycloakNode: Endpoint | undefined;
  readonly ingress: IngressFacts;
  /** DNS domain of the cluster. */
  readonly clusterDomain: string;
  /** @default those of the program's table */
  readonly resources: Readonly<Partial<Record<PipelineProgram, Resources>>>;
  readonly lifecycle: {
    /** Refuse to delete or replace Jenkins's claim and password. */
    readonly protectData: boolean;
    /** Keep the claim in the cluster when it leaves the stack. */
    readonly retainData: boolean;
  };
  /** @default not installed */
  readonly broker: PipelineBroker | undefined;
}
