import type { IngressTls } from "../exposure/exposure";
import { FRONT_SERVICE, INGRESS, partName } from "./harbor-parts";

/** Where nginx takes its certificate from. */
export type FrontTls =
  | { readonly from: "none" }
  | {
      /** Somebody puts it into the namespace, cert-manager for example. */
      readonly from: "secret";
      /** Secret of the type kubernetes.io/tls. */
      readonly secretName: string;
    }
  /** The platform's own authority signs it. */
  | { readonly from: "selfMade" };

/** How the outside reaches Harbor. All but the ingress go through Harbor's own nginx. */
export type HarborExposure =
  | {
      readonly type: "nodePort";
      /** Node port of HTTP, 30000 to 32767. Seed: 30002. */
      readonly httpPort: number;
      /** Node port of HTTPS, used with a certificate. */
      readonly httpsPort: number;
      readonly tls: FrontTls;
    }
  | {
      readonly type: "loadBalancer";
      /** Address to ask the load balancer for. @default it chooses */
      readonly address?: string | undefined;
      /** Client address ranges, CIDR. @default all */
      readonly allowedSources?: readonly string[] | undefined;
      /** For the cloud's load balancer controller. */
      readonly annotations?: Readonly<Record<string, string>> | undefined;
      readonly tls: FrontTls;
    }
  | {
      readonly type: "clusterIp";
      /** Address ranges of pods, nodes or a proxy of one's own that may connect, CIDR. @default nobody */
      readonly clients?: readonly string[] | undefined;
      readonly tls: FrontTls;
    }
  | {
      readonly type: "ingress";
      readonly tls: IngressTls;
      /** Client address ranges, CIDR. @default all */
      readonly allowedSources?: readonly string[] | undefined;
      /** They win over the program's own. */
      readonly annotations?: Readonly<Record<string, string>> | undefined;
    };

export interface ExternalUrlFacts {
  readonly exposure: HarborExposure;
  /** What clients call the node, the load balancer or the ingress. */
  readonly host: string;
  readonly namespace: string;
  /** DNS domain of the cluster. */
  readonly clusterDomain: string;
  /** Address of a proxy of one's own in front of Harbor, without a slash at the end. @default none */
  readonly override?: string | undefined;
}

/**
 * Harbor's address, exactly as clients have to type it: core forms the address for logins from it, and an image whose
 * reference begins with anything else cannot be pulled.
 */
export function externalUrl({ exposure, host, namespace, clusterDomain, override }: ExternalUrlFacts): string {
  if (override !== undefined) {
    return override;
  }
  const tls = exposure.tls.from !== "none";
  const scheme = tls ? "https" : "http";
  switch (exposure.type) {
    case "nodePort":
      return `${scheme}://${host}:${tls ? exposure.httpsPort : exposure.httpPort}`;
    case "clusterIp":
      return `${scheme}://${FRONT_SERVICE}.${namespace}.svc.${clusterDomain}`;
    default:
      return `${scheme}://${host}`;
  }
}

/**
 * How image references begin: the host of the URL, with the port where there is one. For HTTP port 80 is written out:
 * without a port clients take a registry for one with HTTPS.
 */
export function registryHost(url: string): string {
  const { host, port, protocol } = new URL(url);
  return protocol === "http:" && port === "" ? `${host}:80` : host;
}

/** Name that the certificate has to be for. */
export function certificateHost(url: string): string {
  return new URL(url).hostname;
}

/** Secret with the certificate, or undefined without TLS. */
export function certificateSecret({ type, tls }: HarborExposure): string | undefined {
  switch (tls.from) {
    case "none":
      return undefined;
    case "secret":
      return tls.secretName;
    default:
      return ("secretName" in tls ? tls.secretName : undefined) ?? (type === "ingress" ? INGRESS : partName("nginx"));
  }
}
