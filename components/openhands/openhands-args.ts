import type { types } from "@pulumi/kubernetes";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  Endpoint,
  Issuer,
  LanguageModelEndpoint,
  NamespaceBinding,
  OidcClient,
  RegistryEndpoint,
} from "../contracts";
import type { Exposure, IngressFacts } from "../exposure/exposure";
import type { DnsPeer } from "../kubernetes/network-policy";
import type { Resources } from "../kubernetes/pod";
import type { AgentFacts, SandboxFacts } from "./configuration";
import type { SandboxPolicy } from "./sandbox";

/** How a new version takes the place of the old one (seed: both kinds). */
export type RolloutStrategy =
  | {
      /** All old pods stop before the first new one starts. The only kind for a volume that one node mounts. */
      readonly type: "Recreate";
    }
  | {
      /** A new pod starts, becomes ready, one old pod stops, until all are new. Needs a volume that many nodes mount. */
      readonly type: "RollingUpdate";
      /** Pods that may be missing meanwhile. */
      readonly maxUnavailable: number;
      /** Pods that may be too many meanwhile. Not 0 together with `maxUnavailable`. */
      readonly maxSurge: number;
    };

/** Who may use the application, which knows no login of its own: whoever reaches it runs code and reads its keys. */
export interface LoginFacts {
  /** Client at the identity provider; its redirect address is `<url>/oauth2/callback`. */
  readonly client: OidcClient;
  /** oauth2-proxy. */
  readonly image: ResolvedImage;
  /** Realm roles of which a person needs one. Empty: everybody with an account gets in. */
  readonly allowedRoles: readonly string[];
  /** Claim that holds the roles. */
  readonly rolesClaim: string;
  /** Hours after which people log in again. */
  readonly sessionHours: number;
  readonly replicas: number;
  readonly resources: Resources;
}

export interface OpenHandsArgs {
  /** Namespace of the application. */
  readonly namespace: NamespaceBinding;
  /** Namespace of the sandboxes and of nothing else. */
  readonly sandboxNamespace: NamespaceBinding;
  readonly image: ResolvedImage;
  /** Image of the sandboxes, of the application's version. */
  readonly sandboxImage: ResolvedImage;
  /** Registry that both images are pulled from. @default none that wants a login */
  readonly registry?: RegistryEndpoint | undefined;
  /** Python 3, for the Job that changes the sandboxes' default account. */
  readonly python: ResolvedImage;
  /** Pods. More than one needs a shared volume, and a conversation lives in one of them only. @default 1 (upstream) */
  readonly replicas: number;
  readonly strategy: RolloutStrategy;
  readonly storage: {
    /** Kubernetes quantity. */
    readonly size: string;
    /** StorageClass. @default the cluster's default class */
    readonly class?: string | undefined;
    readonly accessMode: "ReadWriteOnce" | "ReadWriteMany";
  };
  readonly resources: Resources;
  readonly placement: {
    readonly nodeSelector: Readonly<Record<string, string>>;
    /** Node and pod affinity. @default spread over nodes where there are several pods */
    readonly affinity?: types.input.core.v1.Affinity | undefined;
    readonly tolerations: readonly types.input.core.v1.Toleration[];
  };
  /**
   * Seconds between the request to stop and the end. The image's entrypoint does not hand the request on, so that a stop
   * always takes this long.
   */
  readonly terminationGraceSeconds: number;
  readonly agent: AgentFacts;
  readonly sandbox: SandboxFacts;
  readonly sandboxPolicy: SandboxPolicy;
  /** Model of new installations. @default people name one in the application */
  readonly languageModel?: LanguageModelEndpoint | undefined;
  /** What the application may connect to outside the cluster, besides the language model. */
  readonly egress: readonly Endpoint[];
  /** @default nobody is asked for a login */
  readonly login?: LoginFacts | undefined;
  readonly exposure: Exposure;
  /** Address for people, without a slash at the end. @default none that is known beforehand */
  readonly url?: string | undefined;
  readonly ingress: IngressFacts;
  /** Signs the certificate when the exposure wants a self-made one. */
  readonly issuer?: Issuer | undefined;
  /** `DEBUG`, `INFO`, `WARNING` or `ERROR`. */
  readonly logLevel: string;
  readonly clusterDomain: string;
  readonly dns: DnsPeer;
  readonly kubernetesApi: Endpoint;
  readonly lifecycle: {
    /** Refuse to delete or replace the claim and the key. */
    readonly protectData: boolean;
    /** Leave the claim in the cluster when the stack is destroyed. */
    readonly retainData: boolean;
  };
}
