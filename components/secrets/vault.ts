import { StatefulSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Secret, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { Connection, Endpoint, Issuer, NamespaceBinding, NetworkPlace, PodLabels, Workload } from "../contracts";
import type { Exposure, IngressFacts } from "../exposure/exposure";
import { selfMadeCertificate } from "../exposure/self-made-certificate";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation, stableJson } from "../kubernetes/checksum";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import { certificateFiles, METRICS_PATH, serverConfiguration, vaultPorts } from "./vault-configuration";
import { unsealFiles } from "./vault-files";
import { CONFIGURATION_FILE, DATA_VOLUME, vaultPod } from "./vault-pod";
import { addSealCredentials, sealStanza, type VaultSeal } from "./vault-seal";

/** StatefulSet, pods and the objects around them (upstream). */
const NAME = "vault";
const KEYS_SECRET = `${NAME}-unseal-keys`;
const CERTIFICATE_SECRET = `${NAME}-server-tls`;

export interface VaultArgs {
  /** Upstream: `vault`. */
  readonly namespace: NamespaceBinding;
  readonly image: ResolvedImage;
  /** Python 3, for the container that opens a node after a start; it uses the standard library only. */
  readonly scriptImage: ResolvedImage;
  /** Nodes. With three, one may be away. */
  readonly replicas: 1 | 3;
  readonly resources: Resources;
  /** The claim of each node: a Kubernetes quantity, and the storage class. Upstream: 10Gi. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  readonly seal: VaultSeal;
  /** Service that clients use. Upstream: `vault`, port 8200. */
  readonly service: { readonly name: string; readonly port: number };
  readonly exposure: Exposure;
  /** Address for people, without a slash at the end. @default the exposure's */
  readonly publicUrl?: string | undefined;
  readonly ingress: IngressFacts;
  /** Signs the certificate of the nodes. @default no TLS between the pods, as upstream */
  readonly issuer?: Extract<Issuer, { kind: "selfMade" }> | undefined;
  /** Serve metrics, without a login. */
  readonly metrics: boolean;
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
  readonly lifecycle: {
    /** Refuse to delete the Secret with the keys, and to replace the nodes. */
    readonly protectData: boolean;
    /** Leave the keys and the claims in the cluster when the stack is destroyed. */
    readonly retainData: boolean;
  };
}

/** A Vault as its bootstrap and its clients see it. It answers from the start, but it is sealed and empty then. */
export interface VaultServer extends Endpoint {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** Addresses of the nodes, sealed or not, without a slash at the end. */
  readonly nodes: readonly string[];
  readonly seal: Pick<VaultSeal, "type" | "shares" | "threshold">;
  /** Secret for the keys. The program makes it and never looks into it. */
  readonly keysSecretName: string;
  /** PEM of the authority behind the certificate. @default the nodes speak plain HTTP */
  readonly certificateAuthority?: pulumi.Output<string>;
  /** What has to be there before the nodes can answer. */
  readonly ready: readonly pulumi.Resource[];
}

/** HashiCorp Vault on one or three nodes with Raft. Nobody can use it before its bootstrap has opened it. */
export class Vault extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  readonly server: VaultServer;
  /** Address for people; undefined where there is none outside the cluster. */
  readonly url: pulumi.Input<string> | undefined;
  /** Prometheus metrics, when they are served; and how to find the Service. */
  readonly metrics:
    | {
        readonly endpoint: Endpoint;
        readonly serviceLabels: PodLabels;
        readonly portName: string;
        readonly path: string;
      }
    | undefined;

  constructor(name: string, args: VaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:secrets:Vault", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { issuer, lifecycle, seal, service } = args;
    const { plainName, name: namespace } = args.namespace;
    const facts = { system: "vault", instance: NAME };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, component: "server", version: args.image.version });
    const metadata = (objectName: string) => ({ name: objectName, namespace, labels });
    const scheme = issuer === undefined ? "http" : "https";
    const nodeHost = `${NAME}-internal.${plainName}.svc.${args.clusterDomain}`;
    const nodes = Array.from(
      { length: args.replicas },
      (_, ordinal) => `${scheme}://${NAME}-${ordinal}.${nodeHost}:${vaultPorts.api}`,
    );

    const configuration = serverConfiguration({
      peers: nodes,
      tls: issuer !== undefined,
      metrics: args.metrics,
      seal: sealStanza(seal),
    });
    const unsealed = seal.type === "shamir";
    const files = { [CONFIGURATION_FILE]: configuration, ...(unsealed && unsealFiles) };
    const configMap = new ConfigMap(`${name}-configuration`, { metadata: metadata(NAME), data: files }, fixedName);
    const keys = new Secret(
      `${name}-keys`,
      // No data: the bootstrap owns what is in it, and an update of ours leaves it alone.
      { metadata: metadata(KEYS_SECRET), type: "Opaque" },
      { ...fixedName, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
    );
    const certificate = issuer && this.addCertificate(name, args, issuer, nodeHost, metadata(CERTIFICATE_SECRET));
    const sealCredentials = addSealCredentials(name, seal, { namespace, labels }, this);
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: metadata(NAME), automountServiceAccountToken: false },
      fixedName,
    );
    const nodeService = new Service(
      `${name}-nodes`,
      {
        metadata: { ...metadata(`${NAME}-internal`), annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          clusterIP: "None",
          selector: podLabels,
          publishNotReadyAddresses: true, // a sealed node is not ready, and that is when the bootstrap has to reach it
          ports: [
            { name: "http", port: vaultPorts.api, targetPort: "http" },
            { name: "cluster", port: vaultPorts.cluster, targetPort: "cluster" },
          ],
        },
      },
      fixedName,
    );
    const workload: Workload = { system: "vault", name: NAME, namespace: plainName, podLabels };
    const web = new WebExposure(
      `${name}-web`,
      {
        namespace: args.namespace,
        labels,
        workload,
        serviceName: service.name,
        port: service.port,
        target: { name: "http", port: vaultPorts.api },
        exposure: issuer === undefined ? args.exposure : behindTls(args.exposure),
        ingressName: NAME,
        ingress: args.ingress,
        awaitReady: false, // ready once the bootstrap has opened a node, and the bootstrap comes later
      },
      { parent: this },
    );
    const credentials = seal.type === "shamir" ? {} : seal.credentials;
    const nodesSet = new StatefulSet(
      `${name}-server`,
      {
        // Its pods become ready by the bootstrap, which waits for this object.
        metadata: { ...metadata(NAME), annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          serviceName: `${NAME}-internal`,
          replicas: args.replicas,
          podManagementPolicy: "Parallel", // the first is not ready before the bootstrap, which wants to see all
          selector: { matchLabels: podLabels },
          persistentVolumeClaimRetentionPolicy: {
            whenDeleted: lifecycle.retainData ? "Retain" : "Delete",
            whenScaled: "Retain",
          },
          template: {
            metadata: {
              labels,
              annotations: checksumAnnotation(
                pulumi
                  .all([certificate?.certificate ?? "", pulumi.output(credentials)])
                  .apply(([leaf, secrets]) => stableJson({ files, leaf, secrets })),
              ),
            },
            spec: vaultPod({
              image: args.image,
              resources: args.resources,
              podLabels,
              serviceAccountName: NAME,
              configurationName: NAME,
              nodeHost,
              tls: issuer !== undefined,
              certificateName: certificate && CERTIFICATE_SECRET,
              seal: sealCredentials?.facts,
              unsealer: unsealed ? { image: args.scriptImage, keysName: KEYS_SECRET } : undefined,
            }),
          },
          volumeClaimTemplates: [
            {
              // No version among the labels: a template of claims can never be changed.
              metadata: { name: DATA_VOLUME, labels: podLabels },
              spec: {
                accessModes: ["ReadWriteOnce"],
                ...(args.storage.class !== undefined && { storageClassName: args.storage.class }),
                resources: { requests: { storage: args.storage.size } },
              },
            },
          ],
        },
      },
      {
        ...fixedName,
        dependsOn: [
          account,
          configMap,
          keys,
          nodeService,
          ...(certificate === undefined ? [] : [certificate.secret]),
          ...(sealCredentials === undefined ? [] : [sealCredentials.secret]),
        ],
        protect: lifecycle.protectData,
      },
    );
    if (args.replicas > 1) {
      new PodDisruptionBudget(
        `${name}-disruption`,
        {
          metadata: metadata(NAME),
          // A sealed node may be catching up; evicting it while another is away would cost the majority.
          spec: {
            maxUnavailable: 1,
            selector: { matchLabels: podLabels },
            unhealthyPodEvictionPolicy: "IfHealthyBudget",
          },
        },
        fixedName,
      );
    }

    const place = { system: "Vault", ports: [vaultPorts.api], peer: { namespace: plainName, podLabels } };
    this.workloads = [workload];
    this.connections = [
      ...web.connections,
      ...(args.replicas > 1 ? [{ from: workload, to: workload, ports: Object.values(vaultPorts) }] : []),
      ...(seal.type === "shamir" ? [] : [{ from: workload, to: seal.server, ports: seal.server.ports }]),
    ];
    this.url = args.publicUrl ?? web.url;
    this.metrics = args.metrics
      ? { endpoint: place, serviceLabels: labels, portName: "http", path: METRICS_PATH }
      : undefined;
    this.server = {
      ...place,
      scheme,
      host: serviceHost(service.name, plainName, args.clusterDomain),
      port: service.port,
      nodes,
      seal: { type: seal.type, shares: seal.shares, threshold: seal.threshold },
      keysSecretName: KEYS_SECRET,
      ...(issuer !== undefined && { certificateAuthority: issuer.certificate }),
      ready: [nodesSet, ...web.ready],
    };
    this.registerOutputs({ host: this.server.host });
  }

  private addCertificate(
    name: string,
    { service, namespace, clusterDomain }: VaultArgs,
    issuer: Extract<Issuer, { kind: "selfMade" }>,
    nodeHost: string,
    metadata: { readonly name: string },
  ): { readonly certificate: pulumi.Output<string>; readonly secret: Secret } {
    const { plainName } = namespace;
    const host = serviceHost(service.name, plainName, clusterDomain);
    const aliases = [service.name, `${service.name}.${plainName}`, `${service.name}.${plainName}.svc`];
    const { certificate, key } = selfMadeCertificate(name, host, issuer, { parent: this }, [
      ...aliases,
      `*.${nodeHost}`,
      "localhost",
    ]);
    const secret = new Secret(
      `${name}-certificate-files`,
      {
        metadata,
        type: "kubernetes.io/tls",
        stringData: {
          [certificateFiles.certificate]: certificate,
          [certificateFiles.key]: key,
          [certificateFiles.authority]: issuer.certificate,
        },
      },
      { parent: this, deleteBeforeReplace: true },
    );
    return { certificate, secret };
  }
}

function serviceHost(service: string, namespace: string, clusterDomain: string): string {
  return `${service}.${namespace}.svc.${clusterDomain}`;
}

/** Tells ingress-nginx that the pods speak TLS. */
function behindTls(exposure: Exposure): Exposure {
  return exposure.type === "ingress"
    ? {
        ...exposure,
        annotations: { "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS", ...exposure.annotations },
      }
    : exposure;
}
