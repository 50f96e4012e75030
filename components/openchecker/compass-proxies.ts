import { Service } from "@pulumi/kubernetes/core/v1";
import { EndpointSlice } from "@pulumi/kubernetes/discovery/v1";
import { Ingress } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import type { IngressFacts } from "../exposure/exposure";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";

/** One outside server and the host names under which the cluster's ingress offers it. */
export interface CompassProxy {
  /** IPv4 addresses of the server. */
  readonly addresses: readonly string[];
  /** TCP port of the server; plain HTTP. */
  readonly port: number;
  /** Name of the Ingress object. */
  readonly ingressName: string;
  /** Host names, each with the Secret that holds its certificate. The Secrets are made elsewhere (upstream). */
  readonly hosts: readonly { readonly host: string; readonly tlsSecretName: string }[];
}

export interface CompassProxiesArgs {
  readonly namespace: NamespaceBinding;
  readonly ingress: IngressFacts;
  /** By the name of the Service. */
  readonly proxies: Readonly<Record<string, CompassProxy>>;
}

const SERVICE_PORT = 80;

/** Ingress hosts for the OSS Compass sites, which run outside the cluster. OpenChecker itself does not use them. */
export class CompassProxies extends pulumi.ComponentResource {
  constructor(name: string, args: CompassProxiesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:openchecker:CompassProxies", name, {}, opts);
    for (const [serviceName, proxy] of Object.entries(args.proxies)) {
      this.addProxy(`${name}-${serviceName}`, serviceName, proxy, args);
    }
    this.registerOutputs({});
  }

  private addProxy(name: string, serviceName: string, proxy: CompassProxy, args: CompassProxiesArgs) {
    const child = { parent: this, deleteBeforeReplace: true };
    const labels = standardLabels({ system: "compass", instance: serviceName, component: "proxy" });
    const metadata = { namespace: args.namespace.name, labels };
    const service = new Service(
      `${name}-service`,
      {
        metadata: {
          ...metadata,
          name: serviceName,
          annotations: exceptionAnnotations({
            "dangling-service":
              "The server is outside the cluster: its addresses are in the EndpointSlice of the same name.",
          }),
        },
        spec: { ports: [{ name: "http", port: SERVICE_PORT, targetPort: proxy.port }] },
      },
      child,
    );
    new EndpointSlice(
      `${name}-addresses`,
      {
        metadata: {
          ...metadata,
          name: serviceName,
          labels: {
            ...labels,
            "kubernetes.io/service-name": serviceName,
            // Tells Kubernetes' own controllers to leave the slice alone.
            "endpointslice.kubernetes.io/managed-by": "pulumi",
          },
        },
        addressType: "IPv4",
        ports: [{ name: "http", port: proxy.port, protocol: "TCP" }],
        endpoints: [{ addresses: [...proxy.addresses], conditions: { ready: true } }],
      },
      child,
    );
    new Ingress(
      `${name}-ingress`,
      {
        metadata: {
          ...metadata,
          name: proxy.ingressName,
          annotations: {
            "nginx.ingress.kubernetes.io/ssl-redirect": "true",
            "nginx.ingress.kubernetes.io/backend-protocol": "HTTP",
            "nginx.ingress.kubernetes.io/proxy-body-size": "16m",
            "nginx.ingress.kubernetes.io/limit-rps": "0",
            ...(!args.ingress.awaitAddress && { "pulumi.com/skipAwait": "true" }),
          },
        },
        spec: {
          ingressClassName: args.ingress.className,
          tls: proxy.hosts.map(({ host, tlsSecretName }) => ({ hosts: [host], secretName: tlsSecretName })),
          rules: proxy.hosts.map(({ host }) => ({
            host,
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name: serviceName, port: { number: SERVICE_PORT } } },
                },
              ],
            },
          })),
        },
      },
      { ...child, dependsOn: [service] },
    );
  }
}
