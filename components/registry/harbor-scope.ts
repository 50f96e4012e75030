import type { types } from "@pulumi/kubernetes";
import { Secret, Service } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedImage } from "../../catalog/resolve";
import type { NamespaceBinding, Workload } from "../contracts";
import { checksumAnnotation } from "../kubernetes/checksum";
import { type HarborPart, partLabels, partName, partSelector, partWorkload } from "./harbor-parts";

type EnvironmentVariable = types.input.core.v1.EnvVar;

/** How much Harbor's parts write to their logs. */
export type LogLevel = "debug" | "info" | "warning" | "error" | "fatal";

/** One image for each container, all of the same version of Harbor. */
export interface HarborImages {
  readonly core: ResolvedImage;
  readonly database: ResolvedImage;
  readonly exporter: ResolvedImage;
  readonly jobservice: ResolvedImage;
  readonly nginx: ResolvedImage;
  readonly portal: ResolvedImage;
  readonly redis: ResolvedImage;
  readonly registry: ResolvedImage;
  readonly registryctl: ResolvedImage;
  readonly trivy: ResolvedImage;
}

/** Authorities that Harbor trusts besides the public ones. */
export interface TrustedCertificates {
  /** Secret that holds them under {@link TRUSTED_CERTIFICATES_KEY}. */
  readonly secretName: string;
  /** PEM of all of them, one after the other. */
  readonly bundle: pulumi.Output<string>;
}

/** What all parts of one Harbor share. */
export interface HarborScope {
  /** Start of the logical names. */
  readonly name: string;
  /** The component that the parts belong to. */
  readonly parent: pulumi.Resource;
  readonly namespace: NamespaceBinding;
  readonly images: HarborImages;
  readonly serviceAccountName: string;
  /** What the pods of all parts need. */
  readonly ready: readonly pulumi.Resource[];
  readonly logLevel: LogLevel;
  /** Serve metrics at {@link harborPorts.metrics}. */
  readonly metrics: boolean;
  /** Variables for the parts that use the outbound proxy; none without one. */
  readonly proxyEnvironment: Readonly<Record<string, string>>;
  /** Further authorities to trust. */
  readonly trustedCertificates: TrustedCertificates | undefined;
  /** Secret. Goes into every checksum, so that nothing short in a configuration can be guessed from it. */
  readonly checksumSalt: pulumi.Output<string>;
}

/** Name of an object of a part. */
export function partObjectName(part: HarborPart, suffix = ""): string {
  return `${partName(part)}${suffix}`;
}

/** Metadata of an object of a part; the object's name starts with the part's. */
export function partMetadata(scope: HarborScope, part: HarborPart, suffix = "") {
  return {
    name: partObjectName(part, suffix),
    namespace: scope.namespace.name,
    labels: partLabels(part, scope.images[part].version),
  };
}

/** The part's pods. */
export function workloadOf(scope: HarborScope, part: HarborPart): Workload {
  return partWorkload(part, scope.namespace.plainName);
}

/** Options of an object with a fixed name: two of them cannot exist at a time. */
export function fixedName(scope: HarborScope): pulumi.CustomResourceOptions {
  return { parent: scope.parent, deleteBeforeReplace: true };
}

/** A Secret of a part. Every key that is not optional in the pods has to be there, empty or not. */
export function partSecret(
  scope: HarborScope,
  part: HarborPart,
  stringData: Record<string, pulumi.Input<string>>,
  { suffix = "", options = {} }: { readonly suffix?: string; readonly options?: pulumi.CustomResourceOptions } = {},
): Secret {
  return new Secret(
    `${scope.name}-${part}${suffix}`,
    { metadata: partMetadata(scope, part, suffix), stringData },
    { ...fixedName(scope), ...options },
  );
}

/** One port of a Service. */
export interface PartPort {
  /** @default none; a Service with one port needs no name */
  readonly name?: string;
  readonly port: number;
  /** Port of the pods. @default the Service's */
  readonly target?: number;
}

/** The ClusterIP Service in front of a part; StatefulSets use it as their own, too. */
export function partService(scope: HarborScope, part: HarborPart, ports: readonly PartPort[]): Service {
  return new Service(
    `${scope.name}-${part}-service`,
    {
      metadata: partMetadata(scope, part),
      spec: {
        type: "ClusterIP",
        selector: partSelector(part),
        ports: ports.map(({ name, port, target = port }) => ({
          ...(name !== undefined && { name }),
          port,
          targetPort: target,
          protocol: "TCP",
        })),
      },
    },
    fixedName(scope),
  );
}

/** Annotation that rolls the pods when one of these contents changes: they mount files by subPath, which never refreshes. */
export function partChecksum(scope: HarborScope, contents: Record<string, pulumi.Input<unknown>>) {
  return checksumAnnotation(pulumi.jsonStringify({ contents, salt: scope.checksumSalt }));
}

/** Variables in the order of their names, so that equal configurations give equal pods. */
export function environment(values: Readonly<Record<string, string>>): EnvironmentVariable[] {
  return Object.keys(values)
    .sort()
    .map((name) => ({ name, value: values[name] ?? "" }));
}

/** Variables from keys of the same name in a Secret. */
export function secretEnvironment(secret: string, keys: readonly string[]): EnvironmentVariable[] {
  return [...keys].sort().map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secret, key } } }));
}

/** A TCP port of a container. */
export function containerPort(name: string, port: number): types.input.core.v1.ContainerPort {
  return { name, containerPort: port, protocol: "TCP" };
}

/** A file from one key of a ConfigMap or Secret volume. */
export function fileMount(volume: string, path: string, key: string): types.input.core.v1.VolumeMount {
  return { name: volume, mountPath: path, subPath: key, readOnly: true };
}

/** Key of the Secret with further authorities. */
export const TRUSTED_CERTIFICATES_KEY = "ca.crt";

/** Mount and volume of further authorities; the images' entrypoints add what lies there to their own bundle. */
export function trustedCertificates({ trustedCertificates: trusted }: HarborScope): {
  readonly mounts: types.input.core.v1.VolumeMount[];
  readonly volumes: types.input.core.v1.Volume[];
  /** For {@link partChecksum}: the bundle is made at the start only. */
  readonly contents: Readonly<Record<string, pulumi.Output<string>>>;
} {
  if (trusted === undefined) {
    return { mounts: [], volumes: [], contents: {} };
  }
  return {
    mounts: [fileMount("trusted-certificates", "/harbor_cust_cert/custom-ca.crt", TRUSTED_CERTIFICATES_KEY)],
    volumes: [{ name: "trusted-certificates", secret: { secretName: trusted.secretName } }],
    contents: { trustedCertificates: trusted.bundle },
  };
}
