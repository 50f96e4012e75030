import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { Ingress } from "@pulumi/kubernetes/networking/v1";
import type * as pulumi from "@pulumi/pulumi";
import { type Exposure, type IngressFacts, tlsSecretName } from "../exposure/exposure";
import { withProxyBuffers } from "../exposure/proxy-buffers";
import { API_PORT, apiObjects, SERVICE_PORT } from "./objects";

/** Who may list and create users. The application asks for no login there. */
export interface UserAdministration {
  /** Whoever reaches the API. */
  readonly open: boolean;
  /** Address ranges of administrators, CIDR. Only an ingress can tell this path from the others. */
  readonly allowedSources: readonly string[];
}

/** Exactly these: what lies below, such as `/api/v1/users/me`, asks for a token. */
const PATHS = ["/api/v1/users", "/api/v1/users/"];

type IngressExposure = Extract<Exposure, { type: "ingress" }>;

/** Serves the application with its user administration closed; the comments at its head say for whom. */
const closedServerScript = readFileSync(join(__dirname, "scripts/closed_server.py"), "utf8");

/**
 * Command of the API's container. The image's own runs a development server that restarts itself and hides failures.
 * The process closes the paths itself where it can, so that nobody depends on an ingress controller of a certain kind.
 */
export function serverCommand({ open, allowedSources }: UserAdministration, exposure: Exposure): string[] {
  // The sources of a load balancer are the administrators.
  if (open || exposure.type === "loadBalancer") {
    return ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", String(API_PORT)];
  }
  const guardedByIngress = exposure.type === "ingress" && allowedSources.length > 0 ? PATHS : [];
  return ["python", "-c", closedServerScript, String(API_PORT), ...guardedByIngress];
}

/** Annotations that close the paths for all, or for all but the administrators. Only ingress-nginx reads them. */
export function administrationAnnotations(
  { allowedSources }: UserAdministration,
  { tls, annotations }: IngressExposure,
): Record<string, string> {
  return withProxyBuffers({
    ...(tls.from !== "none" && { "nginx.ingress.kubernetes.io/ssl-redirect": "true" }),
    ...annotations,
    ...(allowedSources.length > 0
      ? { "nginx.ingress.kubernetes.io/whitelist-source-range": allowedSources.join(",") }
      : { "nginx.ingress.kubernetes.io/denylist-source-range": "0.0.0.0/0,::/0" }),
  });
}

export interface AdministrationIngressFacts {
  readonly metadata: types.input.meta.v1.ObjectMeta & {
    readonly namespace: pulumi.Input<string>;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly administration: UserAdministration;
  readonly exposure: IngressExposure;
  readonly ingress: IngressFacts;
  readonly serviceName: string;
  /** The Service. */
  readonly dependsOn: readonly pulumi.Resource[];
  /** Wait for an address. */
  readonly awaitReady: boolean;
}

/** A second Ingress of the same host, for the paths of the user administration. An exact path goes before a prefix. */
export function addAdministrationIngress(
  name: string,
  facts: AdministrationIngressFacts,
  parent: pulumi.Resource,
): void {
  const { metadata, exposure, ingress } = facts;
  const secretName = tlsSecretName(exposure);
  const backend = { service: { name: facts.serviceName, port: { number: SERVICE_PORT } } };
  new Ingress(
    `${name}-administration`,
    {
      metadata: {
        ...metadata,
        name: apiObjects.administrationIngress,
        annotations: {
          ...administrationAnnotations(facts.administration, exposure),
          ...(!(ingress.awaitAddress && facts.awaitReady) && { "pulumi.com/skipAwait": "true" }),
        },
      },
      spec: {
        ingressClassName: ingress.className,
        ...(secretName !== undefined && { tls: [{ hosts: [exposure.host], secretName }] }),
        rules: [{ host: exposure.host, http: { paths: PATHS.map((path) => ({ path, pathType: "Exact", backend })) } }],
      },
    },
    { parent, deleteBeforeReplace: true, dependsOn: [...facts.dependsOn] },
  );
}
