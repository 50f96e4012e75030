import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Issuer, NamespaceBinding, TlsBinding } from "../contracts";
import { selfMadeCertificate } from "../exposure/self-made-certificate";
import { standardLabels } from "../kubernetes/labels";

/** ConfigMap with the authority, in every namespace that has the certificate of a private one. */
export const AUTHORITY_CONFIG_MAP = "platform-ca";

/** Key of the authority in {@link AUTHORITY_CONFIG_MAP}. */
export const AUTHORITY_KEY = "ca.crt";

/** Secret with the certificate, the same in every namespace; upstream's name, dots included: `apps.example.org-tls`. */
export function wildcardSecretName(domain: string): string {
  return `${domain}-tls`;
}

/** Where the certificate comes from. */
export type CertificateSource =
  | {
      readonly from: "selfMade";
      /** The platform's own authority. */
      readonly issuer: Extract<Issuer, { kind: "selfMade" }>;
    }
  | {
      readonly from: "given";
      /** PEM: the certificate, then those that lead to its authority, each signed by the next. */
      readonly certificate: string;
      /** Secret. PEM of its key, without a passphrase. */
      readonly privateKey: pulumi.Input<string>;
      /** PEM of the authority. @default a public one, which clients know */
      readonly authority?: string | undefined;
    }
  | {
      /** cert-manager makes a certificate in each namespace. */
      readonly from: "issuer";
      /** Name of the ClusterIssuer. */
      readonly name: string;
      /** PEM of the authority. @default a public one, which clients know */
      readonly authority?: string | undefined;
    };

export interface WildcardCertificateArgs {
  /** Domain whose hosts it is for: `apps.example.org`. */
  readonly domain: string;
  readonly source: CertificateSource;
}

/** Either the certificate and its key, both PEM, or who makes them in the cluster. */
type Supply =
  | {
      readonly certificate: pulumi.Input<string>;
      /** Secret. */
      readonly key: pulumi.Input<string>;
    }
  | { readonly clusterIssuer: string };

/** The certificate for all hosts right below one domain, handed to each namespace that serves one of them. */
export class WildcardCertificate extends pulumi.ComponentResource {
  /** Name that its Secret has in every namespace. */
  readonly secretName: string;
  /** PEM of the authority, where the public ones do not know it. */
  readonly authority: pulumi.Output<string> | undefined;

  private readonly supply: Supply;
  private readonly bindings = new Map<string, TlsBinding>();

  constructor(
    private readonly name: string,
    private readonly args: WildcardCertificateArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("platform:identity:WildcardCertificate", name, {}, opts);
    const { domain, source } = args;
    this.secretName = wildcardSecretName(domain);
    this.authority = authorityOf(source);
    this.supply = supplyOf(name, domain, source, this);
    this.registerOutputs({ secretName: this.secretName });
  }

  /**
   * Puts the certificate into a namespace: a Secret, and a ConfigMap with the authority where it is a private one.
   * A second question about the same namespace gets the same answer.
   * @param hosts what cert-manager shall name in the certificate, which no other source needs to know. Public
   * authorities make few certificates for the same names in a week, and check single names, unlike `*`, by HTTP as well
   * as by DNS. @default the domain and all hosts below it
   */
  binding(namespace: NamespaceBinding, hosts?: readonly [string, ...string[]]): TlsBinding {
    const known = this.bindings.get(namespace.plainName);
    if (known !== undefined) {
      return known;
    }
    const binding: TlsBinding = {
      namespace: namespace.plainName,
      secretName: this.secretName,
      ...(this.authority !== undefined && {
        certificateAuthority: this.authority,
        authorityConfigMap: AUTHORITY_CONFIG_MAP,
      }),
      ready: [
        this.addSecret(namespace, hosts),
        ...(this.authority === undefined ? [] : [this.addAuthority(namespace, this.authority)]),
      ],
    };
    this.bindings.set(namespace.plainName, binding);
    return binding;
  }

  private addSecret(namespace: NamespaceBinding, hosts?: readonly string[]): pulumi.Resource {
    const { supply } = this;
    const metadata = { name: this.secretName, namespace: namespace.name, labels: labelsOf("certificate") };
    const options = { parent: this, deleteBeforeReplace: true }; // the name is fixed, two of them cannot exist at a time
    if ("clusterIssuer" in supply) {
      return new CustomResource(
        `${this.name}-${namespace.plainName}-request`,
        {
          apiVersion: "cert-manager.io/v1",
          kind: "Certificate",
          metadata,
          spec: certificateRequest(this.secretName, supply.clusterIssuer, hosts ?? wildcardHosts(this.args.domain)),
        },
        options,
      );
    }
    return new Secret(
      `${this.name}-${namespace.plainName}-tls`,
      {
        metadata,
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": supply.certificate, "tls.key": supply.key },
      },
      options,
    );
  }

  private addAuthority(namespace: NamespaceBinding, authority: pulumi.Output<string>): pulumi.Resource {
    return new ConfigMap(
      `${this.name}-${namespace.plainName}-authority`,
      {
        metadata: { name: AUTHORITY_CONFIG_MAP, namespace: namespace.name, labels: labelsOf("certificate-authority") },
        data: { [AUTHORITY_KEY]: authority },
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }
}

/** The names of a certificate for everything right below the domain. */
function wildcardHosts(domain: string): [string, string] {
  return [`*.${domain}`, domain];
}

function labelsOf(component: string): Record<string, string> {
  return standardLabels({ system: "certificates", instance: "wildcard-certificate", component });
}

function authorityOf(source: CertificateSource): pulumi.Output<string> | undefined {
  if (source.from === "selfMade") {
    return source.issuer.certificate;
  }
  return source.authority === undefined ? undefined : pulumi.output(asText(source.authority));
}

function supplyOf(name: string, domain: string, source: CertificateSource, parent: pulumi.Resource): Supply {
  switch (source.from) {
    case "selfMade": {
      const [wildcard, ...others] = wildcardHosts(domain);
      return selfMadeCertificate(name, wildcard, source.issuer, { parent }, others);
    }
    case "given":
      return {
        certificate: asText(source.certificate),
        key: pulumi.secret(pulumi.output(source.privateKey).apply(asText)),
      };
    case "issuer":
      return { clusterIssuer: source.name };
  }
}

/** What cert-manager is asked for. */
function certificateRequest(secretName: string, issuer: string, dnsNames: readonly string[]) {
  return {
    secretName,
    dnsNames: [...dnsNames],
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer },
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
    usages: ["digital signature", "key encipherment", "server auth"],
  };
}

/** A PEM text with one line break at its end, however it was stored. */
function asText(pem: string): string {
  return `${pem.trim()}\n`;
}
