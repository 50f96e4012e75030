import { Ingress } from "@pulumi/kubernetes/networking/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import { type Exposure, type IngressFacts, ingressAnnotations, tlsSecretName } from "../exposure/exposure";
import type { PortalApplication } from "./portal-applications";
import { REWRITE_TARGET, rewrittenRoutes } from "./portal-routes";

export interface ApiIngressFacts {
  readonly namespace: NamespaceBinding;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposure: Extract<Exposure, { type: "ingress" }>;
  readonly ingress: IngressFacts;
  readonly awaitReady: boolean;
  /** Applications and the port of their Service. */
  readonly services: ReadonlyMap<PortalApplication, { readonly name: string; readonly port: number }>;
  /** The Services. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The second Ingress of the portal's host: the APIs, whose part of the address is taken away. It is for ingress-nginx. */
export function addApiIngress(name: string, facts: ApiIngressFacts, parent: pulumi.Resource): void {
  const { exposure, ingress, services } = facts;
  const secretName = tlsSecretName(exposure);
  const paths = rewrittenRoutes([...services.keys()]).flatMap(({ application, path }) => {
    const service = services.get(application);
    return service === undefined
      ? []
      : [
          {
            path,
            pathType: "ImplementationSpecific", // the only type that may be a regular expression
            backend: { service: { name: service.name, port: { number: service.port } } },
          },
        ];
  });
  new Ingress(
    `${name}-api-ingress`,
    {
      metadata: {
        name: "cp-portal-api-ingress",
        namespace: facts.namespace.name,
        labels: { ...facts.labels },
        annotations: {
          ...ingressAnnotations(exposure),
          "nginx.ingress.kubernetes.io/use-regex": "true",
          "nginx.ingress.kubernetes.io/rewrite-target": REWRITE_TARGET,
          ...(!(ingress.awaitAddress && facts.awaitReady) && { "pulumi.com/skipAwait": "true" }),
        },
      },
      spec: {
        ingressClassName: ingress.className,
        ...(secretName !== undefined && { tls: [{ hosts: [exposure.host], secretName }] }),
        rules: [{ host: exposure.host, http: { paths } }],
      },
    },
    { parent, deleteBeforeReplace: true, dependsOn: [...facts.dependsOn] },
  );
}
