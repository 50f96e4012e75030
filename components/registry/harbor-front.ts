import { ConfigMap, Secret, Service } from "@pulumi/kubernetes/core/v1";
import { Ingress } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Connection, Issuer } from "../contracts";
import { type IngressFacts, ingressAnnotations } from "../exposure/exposure";
import { selfMadeCertificate } from "../exposure/self-made-certificate";
import { clientRanges, restrictedLoadBalancer } from "../exposure/web-exposure";
import { exceptionAnnotations } from "../kubernetes/exceptions";
import type { Resources } from "../kubernetes/pod";
import { httpProbe } from "../kubernetes/probes";
import { certificateHost, certificateSecret, type HarborExposure } from "./harbor-exposure";
import { CERTIFICATE_DIRECTORY, nginxConfiguration } from "./harbor-nginx-configuration";
import {
  commonLabels,
  FRONT_SERVICE,
  HARBOR_USER,
  harborPorts,
  INGRESS,
  partName,
  partSelector,
  SERVICE_HTTP_PORT,
} from "./harbor-parts";
import {
  containerPort,
  fileMount,
  fixedName,
  type HarborScope,
  partChecksum,
  partMetadata,
  partObjectName,
  workloadOf,
} from "./harbor-scope";
import { inRhythm, lateLiveness, partDeployment } from "./harbor-workload";

type IngressExposure = Extract<HarborExposure, { type: "ingress" }>;
type FrontExposure = Exclude<HarborExposure, IngressExposure>;

const CONFIGURATION_FILE = "nginx.conf";
const HTTPS_PORT = 443;

/** A certificate that the platform made, in its Secret. */
export interface HarborCertificate {
  readonly secretName: string;
  readonly certificate: pulumi.Output<string>;
  /** PEM of the authority that signed it. */
  readonly authority: pulumi.Output<string>;
  /** The Secret. */
  readonly ready: readonly pulumi.Resource[];
}

/** The certificate and its Secret, if the exposure wants a self-made one. */
export function harborCertificate(
  scope: HarborScope,
  exposure: HarborExposure,
  url: string,
  issuer: Issuer | undefined,
): HarborCertificate | undefined {
  const name = certificateSecret(exposure);
  if (exposure.tls.from !== "selfMade" || name === undefined) {
    return undefined;
  }
  const host = certificateHost(url);
  if (issuer?.kind !== "selfMade") {
    throw new pulumi.ResourceError(
      `The certificate for ${host} is to be self-made, but no authority was given.`,
      scope.parent,
    );
  }
  const { certificate, key } = selfMadeCertificate(`${scope.name}-front`, host, issuer, { parent: scope.parent });
  const secret = new Secret(
    `${scope.name}-front-tls`,
    {
      metadata: { name, namespace: scope.namespace.name, labels: commonLabels("certificate") },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": certificate, "tls.key": key, "ca.crt": issuer.certificate },
    },
    fixedName(scope),
  );
  return { secretName: name, certificate, authority: issuer.certificate, ready: [secret] };
}

export interface HarborNginxArgs {
  readonly exposure: FrontExposure;
  readonly externalUrl: string;
  readonly replicas: number;
  readonly resources: Resources;
  readonly ipv6: boolean;
  /** The self-made certificate, if there is one: its pods start after it and roll with it. */
  readonly certificate: HarborCertificate | undefined;
}

/** Harbor's own front: nginx and the Service that clients reach. */
export function harborNginx(scope: HarborScope, args: HarborNginxArgs): readonly Connection[] {
  const { exposure } = args;
  const secretName = args.certificate?.secretName ?? certificateSecret(exposure);
  const tls = secretName !== undefined;
  const configuration = nginxConfiguration({ tls, externalUrl: args.externalUrl, ipv6: args.ipv6 });
  const configMap = new ConfigMap(
    `${scope.name}-nginx-configuration`,
    { metadata: partMetadata(scope, "nginx"), data: { [CONFIGURATION_FILE]: configuration } },
    fixedName(scope),
  );
  const page = tls
    ? { httpGet: { path: "/", port: harborPorts.https, scheme: "HTTPS" } }
    : httpProbe("/", harborPorts.http);
  partDeployment(scope, "nginx", {
    replicas: args.replicas,
    user: HARBOR_USER,
    containers: [
      {
        name: "nginx",
        image: scope.images.nginx,
        ports: [containerPort("http", harborPorts.http), ...(tls ? [containerPort("https", harborPorts.https)] : [])],
        resources: args.resources,
        livenessProbe: lateLiveness(page),
        readinessProbe: inRhythm(page, { initialDelay: 1 }),
        volumeMounts: [
          fileMount("configuration", "/etc/nginx/nginx.conf", CONFIGURATION_FILE),
          ...(tls ? [{ name: "certificate", mountPath: CERTIFICATE_DIRECTORY, readOnly: true }] : []),
        ],
        writable: ["/tmp"],
      },
    ],
    volumes: [
      { name: "configuration", configMap: { name: partObjectName("nginx") } },
      ...(tls ? [{ name: "certificate", secret: { secretName } }] : []),
    ],
    annotations: partChecksum(scope, { configuration, certificate: args.certificate?.certificate ?? "" }),
    dependsOn: [configMap, ...(args.certificate?.ready ?? [])],
  });
  new Service(
    `${scope.name}-front-service`,
    {
      metadata: {
        name: FRONT_SERVICE,
        namespace: scope.namespace.name,
        labels: commonLabels("front"),
        ...frontAnnotations(exposure),
      },
      spec: { selector: partSelector("nginx"), ...frontServiceSpec(exposure) },
    },
    fixedName(scope),
  );
  const cidrs = exposure.type === "clusterIp" ? (exposure.clients ?? []) : clientRanges(exposure);
  const ports = tls ? [harborPorts.http, harborPorts.https] : [harborPorts.http];
  const from = { system: "Clients", peer: { cidrs } };
  return cidrs.length === 0 ? [] : [{ from, to: workloadOf(scope, "nginx"), ports }];
}

/** Type and ports of the Service in front. */
export function frontServiceSpec(exposure: FrontExposure) {
  const tls = exposure.tls.from !== "none";
  const nodePorts = exposure.type === "nodePort" ? exposure : undefined;
  const port = (name: string, number: number, targetPort: number, nodePort: number | undefined) => ({
    name,
    port: number,
    targetPort,
    protocol: "TCP",
    ...(nodePort !== undefined && { nodePort }),
  });
  const ports = [
    port("http", SERVICE_HTTP_PORT, harborPorts.http, nodePorts?.httpPort),
    ...(tls ? [port("https", HTTPS_PORT, harborPorts.https, nodePorts?.httpsPort)] : []),
  ];
  switch (exposure.type) {
    case "nodePort":
      return { type: "NodePort", ports };
    case "loadBalancer":
      return {
        type: "LoadBalancer",
        ports,
        ...(exposure.address !== undefined && { loadBalancerIP: exposure.address }),
        ...restrictedLoadBalancer(exposure.allowedSources),
      };
    default:
      return { type: "ClusterIP", ports };
  }
}

function frontAnnotations(exposure: FrontExposure): { annotations?: Record<string, string> } {
  if (exposure.type === "clusterIp") {
    return {};
  }
  const reason =
    "The nodes pull images from here, so the registry has to be reachable from outside the cluster's network.";
  return {
    annotations: {
      ...(exposure.type === "loadBalancer" && exposure.annotations),
      ...exceptionAnnotations({ "exposed-services": reason }),
    },
  };
}

export interface HarborIngressArgs {
  readonly exposure: IngressExposure;
  readonly host: string;
  readonly ingress: IngressFacts;
  readonly certificate: HarborCertificate | undefined;
}

/** The ingress controller takes the place of Harbor's nginx and splits the paths between core and portal. */
export function harborIngress(scope: HarborScope, args: HarborIngressArgs): readonly Connection[] {
  const { exposure, host, ingress } = args;
  const secretName = args.certificate?.secretName ?? certificateSecret(exposure);
  const path = (prefix: string, part: "core" | "portal") => ({
    path: prefix,
    pathType: "Prefix",
    backend: { service: { name: partName(part), port: { number: SERVICE_HTTP_PORT } } },
  });
  new Ingress(
    `${scope.name}-ingress`,
    {
      metadata: {
        name: INGRESS,
        namespace: scope.namespace.name,
        labels: commonLabels("ingress"),
        annotations: {
          // Layers are of any size and must not be stored on the way.
          "nginx.ingress.kubernetes.io/proxy-body-size": "0",
          "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
          "nginx.ingress.kubernetes.io/proxy-read-timeout": "900",
          "nginx.ingress.kubernetes.io/proxy-send-timeout": "900",
          ...ingressAnnotations({ ...exposure, host }),
          // Without a controller that reports addresses the wait would only end by its time-out.
          ...(!ingress.awaitAddress && { "pulumi.com/skipAwait": "true" }),
          ...(secretName === undefined &&
            exceptionAnnotations({
              "tls-settings-missing": "The stack's settings expose Harbor without TLS, for closed networks.",
            })),
        },
      },
      spec: {
        ingressClassName: ingress.className,
        ...(secretName !== undefined && { tls: [{ hosts: [host], secretName }] }),
        rules: [
          {
            host,
            http: {
              paths: [...["/api/", "/service/", "/v2/", "/c/"].map((each) => path(each, "core")), path("/", "portal")],
            },
          },
        ],
      },
    },
    { ...fixedName(scope), dependsOn: [...(args.certificate?.ready ?? [])] },
  );
  const controller = { system: "Ingress controller", peer: ingress.controller };
  return (["core", "portal"] as const).map((part) => ({
    from: controller,
    to: workloadOf(scope, part),
    ports: [harborPorts.http],
  }));
}
