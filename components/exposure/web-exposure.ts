import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import { Ingress } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Connection, Issuer, NamespaceBinding, Workload } from "../contracts";
import { closedWithin } from "../kubernetes/address-range";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import {
  type Exposure,
  type IngressFacts,
  ingressAnnotations,
  loadBalancerUrl,
  nodePortUrl,
  publicUrl,
  tlsSecretName,
} from "./exposure";
import { selfMadeCertificate } from "./self-made-certificate";

export interface WebExposureArgs {
  readonly namespace: NamespaceBinding;
  readonly labels: Readonly<Record<string, string>>;
  /** Pods that serve. */
  readonly workload: Workload;
  readonly serviceName: string;
  /** Port of the Service. */
  readonly port: number;
  /** Name of the container port, and its number for the network policy. */
  readonly target: { readonly name: string; readonly port: number };
  readonly exposure: Exposure;
  /** Ranges inside those that a load balancer lets in which stay closed, CIDR. @default none */
  readonly closedRanges?: readonly string[];
  /** Name of the Ingress object, used when the exposure is one. */
  readonly ingressName: string;
  /** First part of the addresses that the Ingress leads here; the longest one of a host wins. @default all of them */
  readonly path?: `/${string}`;
  readonly ingress: IngressFacts;
  /** Needed when the certificate is self-made. */
  readonly issuer?: Issuer;
  /** What has to be there before anybody may reach the pods. @default nothing */
  readonly after?: readonly pulumi.Resource[];
  /** Wait until pods answer behind Service and Ingress. False where nobody knows when that will be. @default true */
  readonly awaitReady?: boolean;
}

/** A Service and, where the exposure asks for it, the Ingress and the certificate in front of it. */
export class WebExposure extends pulumi.ComponentResource {
  /** The Service; whoever uses its name depends on it. */
  readonly ready: readonly pulumi.Resource[];
  /** Address for people; undefined where there is none outside the cluster. */
  readonly url: pulumi.Input<string> | undefined;
  /** What may reach the pods because of this exposure. */
  readonly connections: readonly Connection[];

  constructor(name: string, args: WebExposureArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:exposure:WebExposure", name, {}, opts);
    const { exposure } = args;
    const service = new Service(
      `${name}-service`,
      {
        metadata: {
          name: args.serviceName,
          namespace: args.namespace.name,
          labels: args.labels,
          ...serviceAnnotations(exposure, args.awaitReady),
        },
        spec: {
          selector: args.workload.podLabels,
          ports: [
            {
              name: "http",
              port: args.port,
              targetPort: args.target.name,
              ...(exposure.type === "nodePort" && exposure.nodePort !== undefined && { nodePort: exposure.nodePort }),
            },
          ],
          ...serviceType(exposure),
        },
      },
      // The name is fixed, two of them cannot exist at a time.
      { parent: this, deleteBeforeReplace: true, dependsOn: [...(args.after ?? [])] },
    );
    this.ready = [service];
    this.url = urlOf(exposure, args.port, service);
    this.connections = clients(exposure, args.ingress, args.closedRanges).map((from) => ({
      from,
      to: args.workload,
      ports: [args.target.port],
    }));
    if (exposure.type === "ingress") {
      this.addIngress(name, args, exposure);
    }
    this.registerOutputs({ url: this.url });
  }

  private addIngress(name: string, args: WebExposureArgs, exposure: Extract<Exposure, { type: "ingress" }>) {
    const secretName = tlsSecretName(exposure);
    if (secretName !== undefined && exposure.tls.from === "selfMade") {
      this.addCertificate(name, args, exposure.host, secretName);
    }
    new Ingress(
      `${name}-ingress`,
      {
        metadata: {
          name: args.ingressName,
          namespace: args.namespace.name,
          labels: args.labels,
          annotations: {
            ...ingressAnnotations(exposure),
            // Without a controller that reports addresses the wait would only end by its time-out.
            ...skipAwaitUnless(args.ingress.awaitAddress && args.awaitReady),
          },
        },
        spec: {
          ingressClassName: args.ingress.className,
          ...(secretName !== undefined && { tls: [{ hosts: [exposure.host], secretName }] }),
          rules: [
            {
              host: exposure.host,
              http: {
                paths: [
                  {
                    path: args.path ?? "/",
                    pathType: "Prefix",
                    backend: { service: { name: args.serviceName, port: { number: args.port } } },
                  },
                ],
              },
            },
          ],
        },
      },
      { parent: this, deleteBeforeReplace: true, dependsOn: [...this.ready] },
    );
  }

  private addCertificate(name: string, args: WebExposureArgs, host: string, secretName: string) {
    if (args.issuer?.kind !== "selfMade") {
      throw new pulumi.ResourceError(
        `The certificate for ${host} is to be self-made, but no authority was given.`,
        this,
      );
    }
    const { issuer } = args;
    const { certificate, key } = selfMadeCertificate(name, host, issuer, { parent: this });
    new Secret(
      `${name}-tls`,
      {
        metadata: { name: secretName, namespace: args.namespace.name, labels: args.labels },
        type: "kubernetes.io/tls",
        stringData: {
          "tls.crt": certificate,
          "tls.key": key,
          "ca.crt": issuer.certificate,
        },
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }
}

/** Behind an ingress the address is known beforehand, otherwise the cluster fills it into the Service. */
function urlOf(exposure: Exposure, port: number, service: Service): pulumi.Input<string> | undefined {
  switch (exposure.type) {
    case "nodePort":
      return service.spec.ports.apply((ports) => nodePortUrl(ports[0]?.nodePort));
    case "loadBalancer":
      return service.status.apply((status) => loadBalancerUrl(port, status));
    default:
      return publicUrl(exposure);
  }
}

function serviceType(exposure: Exposure) {
  switch (exposure.type) {
    case "nodePort":
      return { type: "NodePort" };
    case "loadBalancer":
      return { type: "LoadBalancer", ...restrictedLoadBalancer(exposure.allowedSources) };
    default:
      return { type: "ClusterIP" };
  }
}

function serviceAnnotations(exposure: Exposure, awaitReady?: boolean): { annotations?: Record<string, string> } {
  const exposed = exposure.type === "nodePort" || exposure.type === "loadBalancer";
  const reason = `The stack's settings expose this service as ${exposure.type}.`;
  const annotations = {
    ...(exposure.type === "loadBalancer" && exposure.annotations),
    ...(exposed && exceptionAnnotations({ "exposed-services": reason })),
    ...skipAwaitUnless(awaitReady),
  };
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

function skipAwaitUnless(awaited = true): Record<string, string> {
  return awaited ? {} : { "pulumi.com/skipAwait": "true" };
}

/**
 * Fields that let only these ranges in at a load balancer. The ranges alone would leave the port open that Kubernetes
 * gives such a Service on every node, and only with the policy `Local` do pods, and so network policies, see the
 * addresses of clients.
 * @param allowedSources CIDR. @default all: nothing is restricted
 */
export function restrictedLoadBalancer(allowedSources: readonly string[] = []) {
  return allowedSources.length === 0
    ? {}
    : {
        loadBalancerSourceRanges: [...allowedSources],
        allocateLoadBalancerNodePorts: false,
        externalTrafficPolicy: "Local",
      };
}

/**
 * Address ranges that a network policy has to let in: the allowed ones at a load balancer, otherwise all, because nodes
 * may have replaced the address of clients by their own.
 */
export function clientRanges(exposure: {
  readonly type: "nodePort" | "loadBalancer";
  readonly allowedSources?: readonly string[] | undefined;
}): readonly string[] {
  const { type, allowedSources = [] } = exposure;
  return type === "loadBalancer" && allowedSources.length > 0 ? allowedSources : ["0.0.0.0/0"];
}

/** Who opens connections to the pods from outside the platform. */
function clients(exposure: Exposure, ingress: IngressFacts, closed: readonly string[] = []): Connection["from"][] {
  switch (exposure.type) {
    case "ingress":
      return [{ system: "Ingress controller", peer: ingress.controller }];
    case "clusterIp":
      return [];
    default: {
      const cidrs = clientRanges(exposure);
      const except = closedWithin(cidrs, closed);
      return [{ system: "Clients", peer: { cidrs, ...(except.length > 0 && { except }) } }];
    }
  }
}
