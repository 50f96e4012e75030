import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Issuer, NamespaceBinding, NetworkPlace, OidcClient, Workload } from "../contracts";
import { fromSecret } from "../data/secret-variable";
import type { Exposure, IngressFacts } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { spreadOverNodes } from "../kubernetes/affinity";
import { checksumAnnotation } from "../kubernetes/checksum";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import { type Resources, restrictedPod } from "../kubernetes/pod";
import { httpProbe, startsWithin } from "../kubernetes/probes";
import { CALLBACK_PATH, proxyArguments } from "./login-proxy-configuration";

/** The user of the image. */
const UID = 65532;

const PORT = 4180;
const SERVICE_PORT = 80;
const AUTHORITY_DIRECTORY = "/etc/login-authority";

/** Keys of the proxy's Secret. */
const keys = { cookie: "cookie-secret", client: "client-secret", authority: "ca.crt" } as const;

export interface LoginProxyArgs {
  readonly namespace: NamespaceBinding;
  /** System that the proxy protects, for the labels. */
  readonly system: string;
  /** Name of the proxy's objects. */
  readonly objectName: string;
  /** oauth2-proxy, 7.13 or later. */
  readonly image: ResolvedImage;
  readonly client: OidcClient;
  /** Realm roles of which a person needs one. @default everybody with an account gets in */
  readonly allowedRoles: readonly string[];
  /** Claim that holds the roles. */
  readonly rolesClaim: string;
  /** Hours after which people log in again. */
  readonly sessionHours: number;
  /** What is protected: its pods for the network policy, its address for the proxy. */
  readonly upstream: {
    readonly workload: Workload;
    readonly port: number;
    readonly url: string;
    /** Its Service. */
    readonly ready: readonly pulumi.Resource[];
  };
  /** Address for people, to which the provider sends them back. */
  readonly url: string;
  readonly exposure: Exposure;
  readonly ingressName: string;
  readonly ingress: IngressFacts;
  /** Signs the certificate when the exposure wants a self-made one. */
  readonly issuer?: Issuer | undefined;
  readonly replicas: number;
  readonly resources: Resources;
}

/** Lets people through to a system that knows no login of its own, once they have logged in at the identity provider. */
export class LoginProxy extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];

  constructor(name: string, args: LoginProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:openhands:LoginProxy", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { namespace, client, image, upstream, replicas } = args;
    const facts = { system: args.system, software: "oauth2-proxy", instance: args.objectName };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "login-proxy", version: image.version });
    const metadata = { name: args.objectName, namespace: namespace.name, labels };
    const workload: Workload = {
      system: args.system,
      name: args.objectName,
      namespace: namespace.plainName,
      podLabels,
    };

    const authority = client.certificateAuthority;
    const commandLine = client.issuer.apply((issuer) =>
      proxyArguments({
        ...args,
        port: PORT,
        issuer,
        clientId: client.clientId,
        upstreamUrl: upstream.url,
        authorityFile: authority && `${AUTHORITY_DIRECTORY}/${keys.authority}`,
      }),
    );
    const secretData = {
      // The proxy takes 16, 24 or 32 bytes, and would first try to read 32 characters as base64 of 24: these work both ways.
      [keys.cookie]: new RandomPassword(`${name}-cookie-secret`, { length: 32, special: false }, { parent: this })
        .result,
      [keys.client]: client.clientSecret,
      ...(authority !== undefined && { [keys.authority]: authority }),
    };
    const secret = new Secret(`${name}-secret`, { metadata, stringData: secretData }, fixedName);
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, fixedName);
    const secretName = args.objectName;
    const ready = httpProbe("/ready", "http");
    new Deployment(
      `${name}-proxy`,
      {
        metadata,
        spec: {
          replicas,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          revisionHistoryLimit: 3,
          selector: { matchLabels: podLabels },
          template: {
            metadata: { labels, annotations: checksumAnnotation(pulumi.jsonStringify(secretData)) },
            spec: restrictedPod({
              identity: { uid: UID },
              serviceAccountName: args.objectName,
              containers: [
                {
                  name: "oauth2-proxy",
                  image,
                  args: commandLine,
                  env: [
                    fromSecret("OAUTH2_PROXY_COOKIE_SECRET", secretName, keys.cookie),
                    fromSecret("OAUTH2_PROXY_CLIENT_SECRET", secretName, keys.client),
                  ],
                  ports: [{ name: "http", containerPort: PORT, protocol: "TCP" }],
                  resources: args.resources,
                  // It ends by itself, and is started again, as long as the provider does not answer.
                  startupProbe: startsWithin(60, ready),
                  readinessProbe: ready,
                  livenessProbe: httpProbe("/ping", "http"),
                  lifecycle: { preStop: { sleep: { seconds: 5 } } }, // others stop sending before the proxy stops
                  volumeMounts:
                    authority === undefined
                      ? []
                      : [{ name: "authority", mountPath: AUTHORITY_DIRECTORY, readOnly: true }],
                },
              ],
              volumes:
                authority === undefined
                  ? []
                  : [
                      {
                        name: "authority",
                        secret: { secretName, items: [{ key: keys.authority, path: keys.authority }] },
                      },
                    ],
              placement: { affinity: spreadOverNodes(podLabels) },
            }),
          },
        },
      },
      // It asks the provider for its addresses when it starts, so its client had better be there.
      {
        ...fixedName,
        dependsOn: [secret, account, ...upstream.ready, ...(client.ready ?? [])],
        customTimeouts: { create: "15m", update: "15m" },
      },
    );
    if (replicas > 1) {
      new PodDisruptionBudget(`${name}-budget`, { metadata, spec: oneAtATime(podLabels) }, fixedName);
    }
    const web = new WebExposure(
      `${name}-exposure`,
      {
        namespace,
        labels,
        workload,
        serviceName: args.objectName,
        port: SERVICE_PORT,
        target: { name: "http", port: PORT },
        exposure: args.exposure,
        ingressName: args.ingressName,
        ingress: args.ingress,
        ...(args.issuer !== undefined && { issuer: args.issuer }),
      },
      { parent: this },
    );
    this.workloads = [workload];
    this.connections = [
      { from: workload, to: client, ports: client.ports },
      { from: workload, to: upstream.workload, ports: [upstream.port] },
      ...web.connections,
    ];
    this.registerOutputs({ url: args.url });
  }
}

/** Where the identity provider sends people back to; the client has to allow it. @param url address for people */
export function loginRedirect(url: string): string {
  return `${url}${CALLBACK_PATH}`;
}
