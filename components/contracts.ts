import type * as pulumi from "@pulumi/pulumi";

/** Labels that select pods. */
export type PodLabels = Readonly<Record<string, string>>;

/** Where the other side of a connection lives. Namespaces are plain names, so that policies and pictures need no engine. */
export type Peer =
  | { readonly namespace: string; readonly podLabels: PodLabels }
  | {
      /** Address ranges outside the cluster. */
      readonly cidrs: readonly string[];
      /** Ranges inside `cidrs` that stay closed. */
      readonly except?: readonly string[];
    };

/**
 * What a component offers to others: where it listens and what a client needs to use it. A consumer takes the
 * contract, never the component, so a broker can just as well be one that somebody else runs. The fields here are
 * enough to derive the network policy of both sides and the edge in the connection graph.
 */
export interface Endpoint {
  /** System that owns the endpoint, as the connection graph shows it. */
  readonly system: string;
  /** TCP ports of the pods (or of the outside servers) that clients reach in the end. */
  readonly ports: readonly number[];
  readonly peer: Peer;
}

/** A set of pods that opens or takes connections. */
export interface Workload {
  /** System that the pods belong to, for example `openchecker`. */
  readonly system: string;
  /** Name of the Deployment or StatefulSet. */
  readonly name: string;
  readonly namespace: string;
  readonly podLabels: PodLabels;
}

/** One allowed way through the network, declared by the component whose pods open or offer it. */
export interface Connection {
  /** Pods of the platform, or a named outside: what comes through the ingress controller, from address ranges, … */
  readonly from: Workload | { readonly system: string; readonly peer: Peer };
  readonly to: Workload | Endpoint;
  /** Pod ports; taken from the endpoint when `to` is one. */
  readonly ports: readonly number[];
}

/** What a component declares about its place in the network. */
export interface NetworkPlace {
  /** Its pods. */
  readonly workloads: readonly Workload[];
  /** What its pods open, and what from outside the platform may reach them. */
  readonly connections: readonly Connection[];
}

/** Login of one client in a virtual host of a broker. */
interface BrokerLogin extends Endpoint {
  readonly host: string;
  readonly port: number;
  readonly virtualHost: string;
  readonly username: string;
  /** Secret. Letters and digits only when the platform made it. */
  readonly password: pulumi.Output<string>;
  /** The broker and what leads to it; whoever connects depends on it. Empty when somebody else runs it. */
  readonly ready: readonly pulumi.Resource[];
}

/** Login of one client at a broker: AMQP 0-9-1 without TLS on `port`. */
export interface AmqpEndpoint extends BrokerLogin {
  readonly protocol: "amqp";
}

/** Login of one client at the management interface of a broker: plain HTTP on `port`. */
export interface BrokerManagementEndpoint extends BrokerLogin {
  readonly protocol: "http";
}

/** Login of one role at one PostgreSQL database. */
export interface PostgresEndpoint extends Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  /** Secret. Letters and digits only when the platform made it. */
  readonly password: pulumi.Output<string>;
  /** How clients protect the connection, in libpq's words. */
  readonly sslmode: PostgresSslMode;
  /** PEM of the authority that signed the server's certificate; for `verify-full` with an authority that clients do not know. */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** Secret. `postgresql://user:password@host:port/database`, all parts percent-encoded, `?sslmode=…` unless it is `disable`. */
  readonly url: pulumi.Output<string>;
  /** What makes the role and the database; whoever uses them depends on it. Empty when somebody else made them. */
  readonly ready: readonly pulumi.Resource[];
}

/** `require` encrypts without looking who answers; `verify-full` also checks the certificate and the host name. */
export type PostgresSslMode = "disable" | "require" | "verify-full";

/** Login of one client at one MariaDB server. */
export interface MariaDbEndpoint extends Endpoint {
  readonly host: string;
  readonly port: number;
  /** `host:port` without a scheme, as the K-PaaS applications want it. */
  readonly address: string;
  /** The client's main schema. */
  readonly database: string;
  readonly username: string;
  /** Secret. Letters and digits only when the platform made it. */
  readonly password: pulumi.Output<string>;
  /** What makes the schemas and the login; whoever uses them depends on it. Empty when somebody else made them. */
  readonly ready: readonly pulumi.Resource[];
}

/** Login of one application at a Vault, by AppRole. */
export interface VaultEndpoint extends Endpoint {
  /** Base address that the login's pods use, without a slash at the end. */
  readonly url: string;
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  readonly roleName: string;
  /** Secret. */
  readonly roleId: pulumi.Output<string>;
  /** Secret. */
  readonly secretId: pulumi.Output<string>;
  /** PEM of the authority behind the server's certificate, where the public ones do not know it. */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** What makes the role; whoever logs in depends on it. Empty when somebody else made it. */
  readonly ready: readonly pulumi.Resource[];
}

/** A certificate for host names, as a Secret of the type `kubernetes.io/tls` in one namespace. */
export interface TlsBinding {
  readonly namespace: string;
  readonly secretName: string;
  /** PEM of the authority behind it, where the public ones do not know it. */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** ConfigMap in the same namespace with the authority under the key `ca.crt`, for pods that are to trust it. */
  readonly authorityConfigMap?: string;
  /** What makes the Secret and the ConfigMap; whoever mounts them depends on it. Empty when somebody else made them. */
  readonly ready: readonly pulumi.Resource[];
}

/** A SonarQube server and the two ways to log in that its clients use. */
export interface SonarEndpoint extends Endpoint {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** Secret. For the web API: project search and creation. */
  readonly password: pulumi.Output<string>;
  /** Analysis token for the scanner. */
  readonly token: SonarToken;
  /** What makes the login; whoever uses it depends on it. Empty when somebody else made it. */
  readonly ready: readonly pulumi.Resource[];
}

/** The server makes tokens itself, so that the program knows only those that people have put into the settings. */
export type SonarToken =
  | {
      readonly kind: "value";
      /** Secret. */
      readonly value: pulumi.Output<string>;
    }
  | {
      /** Secret in the client's namespace. The key appears when the token has been made; pods that mount it wait for it. */
      readonly kind: "secretKey";
      readonly secretName: string;
      readonly key: string;
    };

/** Login of one client at a project of a container registry. */
export interface RegistryEndpoint extends Endpoint {
  readonly scheme: "http" | "https";
  /** Host, and port where it is not the scheme's own, exactly as image references begin: `harbor.local:30002`. */
  readonly host: string;
  /** First part of the repositories: `<host>/<project>/<repository>`. */
  readonly project: string;
  readonly username: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** Secret. What the key `.dockerconfigjson` of a pull secret holds. */
  readonly dockerConfigJson: pulumi.Output<string>;
  /** PEM of the authority behind the registry's certificate, where the public ones do not know it. */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** What makes the project and the login; whoever uses them depends on it. Empty when somebody else made them. */
  readonly ready: readonly pulumi.Resource[];
}

/** A repository of Helm charts over HTTP. */
export interface ChartRepositoryEndpoint extends Endpoint {
  /** Base address that pods use, without a slash at the end: `http://chartmuseum.chartmuseum.svc.cluster.local:8080`. */
  readonly url: string;
  /** What serves it; whoever is to reach it depends on it. Empty when somebody else runs it. */
  readonly ready: readonly pulumi.Resource[];
  /** Base address for people and their browsers, without a slash at the end. @default none, only pods reach it */
  readonly publicUrl?: string;
  /** Everybody who reaches it may read without a login. */
  readonly anonymousRead: boolean;
  /** Who may push. @default nobody that the platform knows */
  readonly login?: {
    readonly username: string;
    /** Secret. Letters and digits only when the platform made it. */
    readonly password: pulumi.Output<string>;
  };
  /** PEM of the authority behind the certificate of `publicUrl`, where the public ones do not know it. */
  readonly certificateAuthority?: pulumi.Output<string>;
}

/** A Redis server, or a compatible one. */
export interface RedisEndpoint extends Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** @default the server's default user */
  readonly username?: string;
  /** Secret. @default none */
  readonly password?: pulumi.Output<string>;
  /** Set when `host` is not the server but the sentinels are asked for it. */
  readonly sentinel?: {
    /** `host:port` of each sentinel. */
    readonly addresses: readonly string[];
    /** Name under which the sentinels know the server. */
    readonly masterSet: string;
  };
}

/** A client of an OpenID Connect provider: what a system needs to let people log in there. */
export interface OidcClient extends Endpoint {
  /** Issuer URL; `<issuer>/.well-known/openid-configuration` tells the rest. */
  readonly issuer: pulumi.Output<string>;
  readonly clientId: string;
  /** Secret. */
  readonly clientSecret: pulumi.Output<string>;
  /** PEM of the authority behind the provider's certificate, where the public ones do not know it. */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** What makes the client; whoever logs people in with it depends on it. @default none, somebody else made it */
  readonly ready?: readonly pulumi.Resource[];
}

/** A language model and the login at the server that offers it. */
export interface LanguageModelEndpoint extends Endpoint {
  /** Model with its provider in front, in LiteLLM's words: `anthropic/claude-sonnet-4`, `openai/qwen2.5-72b`. */
  readonly model: string;
  /** Base address of the server's API. @default the address that the provider's own client knows */
  readonly url?: string;
  /** Secret. */
  readonly apiKey: pulumi.Output<string>;
}

/** A namespace that the platform made. */
export interface NamespaceBinding {
  /** The name as text, for policies and pictures. */
  readonly plainName: string;
  /** The same name, known once the namespace exists: objects that use it wait for it. */
  readonly name: pulumi.Output<string>;
}

/** A claim that pods can mount. */
export interface StorageBinding {
  readonly namespace: string;
  /**
   * Known once the claim exists, although its name is fixed. The exception to the rule that known names travel as plain
   * text: the cluster does not delete a claim that pods use, so whoever mounts it has to go first when it is replaced.
   */
  readonly claimName: pulumi.Output<string>;
  readonly accessMode: "ReadWriteOnce" | "ReadWriteMany";
}

/** Who signs certificates for host names. */
export type Issuer =
  | {
      readonly kind: "clusterIssuer";
      /** Name of the cert-manager ClusterIssuer. */
      readonly name: string;
    }
  | {
      readonly kind: "selfMade";
      /** PEM of the authority, for clients that are to trust it. */
      readonly certificate: pulumi.Output<string>;
      /** Secret. PEM of the key that signs. */
      readonly privateKey: pulumi.Output<string>;
      /** Life of the certificates it signs, in days. */
      readonly leafDays: number;
      readonly organization: string;
    };
