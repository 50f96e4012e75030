import { withProxyBuffers } from "./proxy-buffers";

/** How the outside reaches a web service. */
export type Exposure =
  | { readonly type: "clusterIp" }
  | {
      readonly type: "nodePort";
      /** 30000 to 32767. @default Kubernetes chooses */
      readonly nodePort?: number | undefined;
    }
  | {
      readonly type: "loadBalancer";
      /** Client address ranges, CIDR. @default all */
      readonly allowedSources?: readonly string[] | undefined;
      /** For the cloud's load balancer controller. */
      readonly annotations?: Readonly<Record<string, string>> | undefined;
    }
  | {
      readonly type: "ingress";
      readonly host: string;
      readonly tls: IngressTls;
      /** Client address ranges, CIDR. @default all */
      readonly allowedSources?: readonly string[] | undefined;
      readonly annotations?: Readonly<Record<string, string>> | undefined;
    };

/** Where the certificate of an ingress host comes from. */
export type IngressTls =
  | {
      /** cert-manager makes it. */
      readonly from: "issuer";
      /** Name of the ClusterIssuer. */
      readonly issuer: string;
      /** Secret that cert-manager writes. @default derived from the host */
      readonly secretName?: string | undefined;
    }
  | {
      /** Somebody puts it into the namespace. */
      readonly from: "secret";
      readonly secretName: string;
    }
  | {
      /** The platform's own authority signs it. */
      readonly from: "selfMade";
      /** Secret that the platform writes. @default derived from the host */
      readonly secretName?: string | undefined;
    }
  | { readonly from: "none" };

/** What is the same for every ingress of a cluster. */
export interface IngressFacts {
  /** IngressClass. @default nginx (seed) */
  readonly className: string;
  /** Pods of the ingress controller, which network policies let in. */
  readonly controller: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> };
  /** Wait until an Ingress has an address. False where no controller reports one. */
  readonly awaitAddress: boolean;
}

/** In an address: any node. Which of them clients reach is not the program's to know. */
export const NODE = "NODE";

/** In an address: the load balancer, as long as it has no address of its own. */
export const LOAD_BALANCER = "LOAD-BALANCER";

/** Status of a Service as far as its load balancer goes. */
export interface LoadBalancerStatus {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string; readonly ip?: string }[] };
}

/** The address that people type, or undefined when the service has none outside the cluster that is known beforehand. */
export function publicUrl(exposure: Exposure): string | undefined {
  return exposure.type === "ingress"
    ? `${exposure.tls.from === "none" ? "http" : "https"}://${exposure.host}`
    : undefined;
}

/** Address of a port on every node. @param nodePort undefined: Kubernetes has not chosen it yet */
export function nodePortUrl(nodePort: number | undefined, node: string = NODE): string {
  return httpUrl(node, nodePort ?? "PORT");
}

/** Address of a Service behind a load balancer. @param port of the Service */
export function loadBalancerUrl(port: number, status: LoadBalancerStatus | undefined): string {
  return httpUrl(loadBalancerHost(status) ?? LOAD_BALANCER, port);
}

/** Host name or IP address of a Service's load balancer, if it has one by now. */
export function loadBalancerHost(status: LoadBalancerStatus | undefined): string | undefined {
  const [address] = status?.loadBalancer?.ingress ?? [];
  return address?.hostname ?? address?.ip;
}

/** Plain HTTP at a host name or an IP address. */
export function httpUrl(host: string, port: number | string): string {
  return `http://${urlHost(host)}${port === 80 ? "" : `:${port}`}`;
}

/** A host name or an IP address as it stands in a URL. */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Secret that holds the certificate, or undefined without TLS. `openchecker.mlops.pub` → `openchecker-mlops-pub-tls`. */
export function tlsSecretName(exposure: Extract<Exposure, { type: "ingress" }>): string | undefined {
  const { tls, host } = exposure;
  return tls.from === "none"
    ? undefined
    : (tls.secretName ?? `${host.replaceAll(".", "-").replace("*", "wildcard")}-tls`);
}

/** Annotations of the Ingress: certificate issuer, redirect to HTTPS, source ranges, and what the stack adds. */
export function ingressAnnotations(exposure: Extract<Exposure, { type: "ingress" }>): Record<string, string> {
  const { tls, allowedSources = [], annotations = {} } = exposure;
  return withProxyBuffers({
    ...(tls.from === "issuer" && { "cert-manager.io/cluster-issuer": tls.issuer }),
    ...(tls.from !== "none" && { "nginx.ingress.kubernetes.io/ssl-redirect": "true" }),
    ...(allowedSources.length > 0 && {
      "nginx.ingress.kubernetes.io/whitelist-source-range": allowedSources.join(","),
    }),
    ...annotations,
  });
}
