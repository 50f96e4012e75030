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

/** Login of one client at a broker. */
export interface AmqpEndpoint extends Endpoint {
  readonly host: pulumi.Output<string>;
  /** AMQP 0-9-1 without TLS. */
  readonly port: number;
  /** Virtual host. */
  readonly virtualHost: string;
  readonly username: string;
  /** Secret. Letters and digits only when the platform made it. */
  readonly password: pulumi.Output<string>;
}

/** A SonarQube server and the two ways to log in that its clients use. */
export interface SonarEndpoint extends Endpoint {
  readonly scheme: "http" | "https";
  readonly host: pulumi.Output<string>;
  readonly port: number;
  readonly username: string;
  /** Secret. For the web API: project search and creation. */
  readonly password: pulumi.Output<string>;
  /** Secret. Analysis token for the scanner. */
  readonly token: pulumi.Output<string>;
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
