import type * as pulumi from "@pulumi/pulumi";
import type { ImageName } from "../../catalog/images";
import { type ImageOverride, type Pulling, pulling, type ResolvedImage, resolveImage } from "../../catalog/resolve";
import type {
  Connection,
  Endpoint,
  Issuer,
  NamespaceBinding,
  NetworkPlace,
  Workload,
} from "../../components/contracts";
import type { Exposure, IngressFacts } from "../../components/exposure/exposure";
import { CertificateAuthority } from "../../components/identity/certificate-authority";
import { IsolatedNamespace } from "../../components/isolation/isolated-namespace";
import { NetworkIsolation } from "../../components/isolation/network-isolation";
import type { PolicyExceptions } from "../../components/kubernetes/exceptions";
import { AlertRules, type AlertRulesArgs } from "../../components/operations/alert-rules";
import { MetricsScrape, type MetricsScrapeArgs } from "../../components/operations/metrics-scrape";
import type { Settings } from "../settings";

/** Login that people use; becomes a secret stack output. */
export interface Credential {
  readonly username: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
}

/** What a namespace is for. */
export interface NamespaceUse {
  /** Claims or keys live in it, which the lifecycle settings then guard. @default false */
  readonly holdsData?: boolean;
  /** @default true */
  readonly hasPods?: boolean;
  /** Pod Security level of pods that cannot meet `restricted`, with the reason in `exceptions`. @default restricted */
  readonly podSecurity?: "baseline" | "privileged";
  /** Policy rule → reason. */
  readonly exceptions?: PolicyExceptions;
}

/**
 * What all systems of one stack share: its settings, its namespaces, its certificate authority, and the list of
 * everything that the systems declare about themselves (connections, addresses, logins).
 */
export class Site {
  readonly workloads: Workload[] = [];
  readonly connections: Connection[] = [];
  readonly urls: Record<string, pulumi.Input<string>> = {};
  readonly credentials: Record<string, Credential> = {};
  /** What people have to do themselves, in Markdown, one sentence or two each; part of the stack's readme. */
  readonly notes: string[] = [];
  readonly ingress: IngressFacts;
  /** The API server as pods reach it. */
  readonly kubernetesApi: Endpoint;
  private readonly namespaces: IsolatedNamespace[] = [];
  private authority: CertificateAuthority | undefined;

  constructor(
    readonly settings: Settings,
    readonly options: pulumi.ComponentResourceOptions,
  ) {
    const { ingress, apiServer } = settings.cluster;
    this.ingress = {
      className: ingress.className,
      controller: { namespace: ingress.controllerNamespace, podLabels: ingress.controllerPodLabels },
      awaitAddress: ingress.awaitAddress,
    };
    this.kubernetesApi = { system: "Kubernetes API", ports: apiServer.ports, peer: { cidrs: apiServer.cidrs } };
  }

  image(name: ImageName, override?: ImageOverride): ResolvedImage {
    return resolveImage(name, this.settings.images, override);
  }

  /** How images are pulled that people push: always, because the tag may move and the registry is in the same cluster. */
  get pullPushed(): Pulling {
    return pulling(this.settings.images, "Always");
  }

  /** Makes a namespace. */
  namespace(name: string, system: string, use: NamespaceUse = {}): NamespaceBinding {
    const { holdsData = false, hasPods = true, ...security } = use;
    const { protectData, retainData } = this.settings.lifecycle;
    const namespace = new IsolatedNamespace(
      name,
      {
        namespace: name,
        system,
        hasPods,
        ...security,
        protectData: holdsData && protectData,
        retainData: holdsData && retainData,
      },
      this.options,
    );
    this.namespaces.push(namespace);
    return namespace;
  }

  /** The platform's own authority when the exposure asks for a self-made certificate. */
  issuerFor(exposure: Exposure): Issuer | undefined {
    if (exposure.type !== "ingress" || exposure.tls.from !== "selfMade") {
      return undefined;
    }
    return this.ownIssuer();
  }

  /** The platform's own authority; made at the first question. */
  ownIssuer(): CertificateAuthority["issuer"] {
    this.authority ??= new CertificateAuthority(
      "certificate-authority",
      this.settings.certificates.selfMade,
      this.options,
    );
    return this.authority.issuer;
  }

  /** PEM of the platform's own authority, if any certificate was signed by it. */
  get certificateAuthority(): pulumi.Output<string> | undefined {
    return this.authority?.issuer.certificate;
  }

  /** Takes down what a system declared about itself. */
  add(name: string, system: NetworkPlace & { readonly url?: pulumi.Input<string> | undefined }): void {
    this.workloads.push(...system.workloads);
    this.connections.push(...system.connections);
    if (system.url !== undefined) {
      this.urls[name] = system.url;
    }
  }

  /** Has Prometheus collect a system's metrics, where the cluster has the operator for it. */
  scrape(name: string, target: Omit<MetricsScrapeArgs, "prometheus">): void {
    const { capabilities, prometheus } = this.settings.cluster;
    if (capabilities.prometheusOperator) {
      this.connections.push(...new MetricsScrape(name, { ...target, prometheus }, this.options).connections);
    }
  }

  /** Has Prometheus watch a system, where the cluster has the operator for it. */
  alert(name: string, target: AlertRulesArgs): void {
    if (this.settings.cluster.capabilities.prometheusOperator) {
      new AlertRules(name, target, this.options);
    }
  }

  /** Turns the declared connections into network policies. Call it once, after all systems. */
  isolate(): void {
    const { namespace, podLabels } = this.settings.cluster.dns;
    new NetworkIsolation(
      "network",
      {
        workloads: this.workloads,
        connections: this.connections,
        dns: { namespace, podLabels },
        namespaces: this.namespaces,
      },
      this.options,
    );
  }
}
