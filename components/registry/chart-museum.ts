import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { PersistentVolumeClaim, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import type { ResolvedImage } from "../../catalog/resolve";
import type {
  ChartRepositoryEndpoint,
  Connection,
  Endpoint,
  NamespaceBinding,
  NetworkPlace,
  PodLabels,
  Workload,
} from "../contracts";
import { type Exposure, type IngressFacts, publicUrl } from "../exposure/exposure";
import { WebExposure } from "../exposure/web-exposure";
import { checksumAnnotation } from "../kubernetes/checksum";
import { claim } from "../kubernetes/claim";
import { selectorLabels, standardLabels } from "../kubernetes/labels";
import type { Resources } from "../kubernetes/pod";
import {
  CHART_MUSEUM_PORT,
  CHART_MUSEUM_PORT_NAME,
  chartMuseumPod,
  LARGEST_CHART,
  loginKeys,
} from "./chart-museum-pod";

/** Name of all its objects but the Service. */
const NAME = "chartmuseum";

/** Who may push. */
const USER = "chart-publisher";

/** A generated password: long enough to stand for itself, and nothing in it has to be escaped anywhere. */
const generated = { length: 32, special: false };

export interface ChartMuseumArgs {
  /** Upstream: `chartmuseum`. */
  readonly namespace: NamespaceBinding;
  /** Service that clients use. Upstream: `chartmuseum`, port 8080. */
  readonly service: { readonly name: string; readonly port: number };
  readonly image: ResolvedImage;
  readonly resources: Resources;
  /** The claim: a Kubernetes quantity, and the storage class. Upstream: 5Gi. @default the cluster's default class */
  readonly storage: { readonly size: string; readonly class?: string | undefined };
  /** Let everybody who reaches it read without a login, as upstream does. */
  readonly anonymousRead: boolean;
  /** Serve metrics. They have the port of the charts and no login, so an exposure shows them, too. */
  readonly metrics: boolean;
  readonly exposure: Exposure;
  /** Address for people, without a slash at the end. @default the exposure's, where it is known beforehand */
  readonly publicUrl?: string | undefined;
  readonly ingress: IngressFacts;
  /** PEM of the authority behind the certificate of the public address. @default a public one */
  readonly certificateAuthority?: pulumi.Output<string> | undefined;
  /** DNS domain of the cluster, `cluster.local` nearly everywhere. */
  readonly clusterDomain: string;
  readonly lifecycle: {
    /** Refuse to delete or replace the claim. */
    readonly protectData: boolean;
    /** Leave the claim in the cluster when the stack is destroyed. */
    readonly retainData: boolean;
  };
}

/**
 * ChartMuseum: a repository of Helm charts for clients that cannot read charts from an OCI registry. One pod on a
 * ReadWriteOnce claim; reading is open by default, writing always needs the generated login.
 */
export class ChartMuseum extends pulumi.ComponentResource implements NetworkPlace {
  readonly workloads: readonly Workload[];
  readonly connections: readonly Connection[];
  /** Address for people. */
  readonly url: pulumi.Input<string> | undefined;
  readonly username = USER;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  /** For the systems that read charts. */
  readonly repository: ChartRepositoryEndpoint;
  /** Prometheus metrics under `/metrics`, when they are on; and how to find the Service. */
  readonly metrics:
    | { readonly endpoint: Endpoint; readonly serviceLabels: PodLabels; readonly portName: string }
    | undefined;

  constructor(name: string, args: ChartMuseumArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:registry:ChartMuseum", name, {}, opts);
    const fixedName = { parent: this, deleteBeforeReplace: true }; // two objects of one name cannot exist at a time
    const { exposure, lifecycle, storage } = args;
    const { plainName, name: namespace } = args.namespace;
    const facts = { system: NAME, instance: NAME, component: "chart-repository" };
    const podLabels = selectorLabels(facts);
    const labels = standardLabels({ ...facts, version: args.image.version });
    const metadata = { name: NAME, namespace, labels };
    const server: Workload = { system: NAME, name: NAME, namespace: plainName, podLabels };

    this.password = pulumi.secret(new RandomPassword(`${name}-password`, generated, { parent: this }).result);
    const login = { [loginKeys.username]: USER, [loginKeys.password]: this.password };
    const secret = new Secret(`${name}-login`, { metadata, stringData: login }, fixedName);
    const account = new ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, fixedName);
    const volume = new PersistentVolumeClaim(
      `${name}-claim`,
      // No version among the labels: the claim outlives it.
      claim({ ...storage, name: NAME, namespace, labels: standardLabels(facts), accessMode: "ReadWriteOnce" }),
      { ...fixedName, protect: lifecycle.protectData, retainOnDelete: lifecycle.retainData },
    );
    new Deployment(
      `${name}-server`,
      {
        metadata,
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" }, // the claim can be mounted by one node at a time
          revisionHistoryLimit: 3,
          selector: { matchLabels: podLabels },
          template: {
            metadata: { labels, annotations: checksumAnnotation(pulumi.jsonStringify(login)) },
            spec: chartMuseumPod({
              ...args,
              serviceAccountName: NAME,
              claimName: volume.metadata.name,
              secretName: NAME,
            }),
          },
        },
      },
      { ...fixedName, dependsOn: [secret, account] },
    );
    const web = new WebExposure(
      `${name}-exposure`,
      {
        namespace: args.namespace,
        labels,
        workload: server,
        serviceName: args.service.name,
        port: args.service.port,
        target: { name: CHART_MUSEUM_PORT_NAME, port: CHART_MUSEUM_PORT },
        exposure: admitCharts(exposure),
        ingressName: NAME,
        ingress: args.ingress,
      },
      { parent: this },
    );

    const place = { system: "ChartMuseum", ports: [CHART_MUSEUM_PORT], peer: { namespace: plainName, podLabels } };
    const knownUrl = args.publicUrl ?? publicUrl(exposure);
    this.url = knownUrl ?? web.url;
    this.workloads = [server];
    this.connections = web.connections;
    this.metrics = args.metrics
      ? { endpoint: place, serviceLabels: podLabels, portName: CHART_MUSEUM_PORT_NAME }
      : undefined;
    this.repository = {
      ...place,
      url: `http://${args.service.name}.${plainName}.svc.${args.clusterDomain}:${args.service.port}`,
      ready: web.ready,
      ...(knownUrl !== undefined && { publicUrl: knownUrl }),
      anonymousRead: args.anonymousRead,
      login: { username: USER, password: this.password },
      ...(args.certificateAuthority !== undefined && { certificateAuthority: args.certificateAuthority }),
    };
    this.registerOutputs({ url: this.url });
  }
}

/** Without this the controller refuses bodies of more than 1 MB, which many charts are. */
function admitCharts(exposure: Exposure): Exposure {
  return exposure.type === "ingress"
    ? {
        ...exposure,
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-body-size": `${LARGEST_CHART / 2 ** 20}m`,
          ...exposure.annotations,
        },
      }
    : exposure;
}
