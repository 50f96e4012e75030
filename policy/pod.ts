import type { Fields, Metadata } from "./manifest";

/** A pod template, or a bare Pod seen as one. */
export interface PodTemplate {
  readonly metadata?: Metadata;
  readonly spec?: PodSpec;
}

/** The fields of a pod that rules read. */
export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly containers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly hostIPC?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly initContainers?: readonly Container[];
  readonly affinity?: Fields;
  readonly securityContext?: SecurityContext & {
    readonly sysctls?: readonly { readonly name?: string }[];
  };
  /** Deprecated alias of `serviceAccountName`. */
  readonly serviceAccount?: string;
  readonly serviceAccountName?: string;
  readonly volumes?: readonly Volume[];
}

/** Security settings; those of a container win over those of its pod. */
export interface SecurityContext {
  readonly allowPrivilegeEscalation?: boolean;
  readonly appArmorProfile?: { readonly type?: string };
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly privileged?: boolean;
  readonly procMount?: string;
  readonly readOnlyRootFilesystem?: boolean;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly seccompProfile?: { readonly type?: string };
  readonly windowsOptions?: { readonly hostProcess?: boolean };
}

/** A container of any sort. */
export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly envFrom?: readonly {
    readonly configMapRef?: Reference;
    readonly secretRef?: Reference;
  }[];
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
  readonly livenessProbe?: Handler;
  readonly ports?: readonly ContainerPort[];
  readonly readinessProbe?: Handler;
  readonly resources?: { readonly limits?: Fields; readonly requests?: Fields };
  /** `Always` makes an init container a sidecar. */
  readonly restartPolicy?: string;
  readonly securityContext?: SecurityContext;
  readonly startupProbe?: Handler;
  readonly volumeMounts?: readonly { readonly name?: string; readonly readOnly?: boolean }[];
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly protocol?: string;
}

export interface EnvironmentVariable {
  readonly name?: string;
  readonly value?: string;
  readonly valueFrom?: { readonly configMapKeyRef?: KeyReference; readonly secretKeyRef?: KeyReference };
}

/** Reference to a ConfigMap or Secret of the same namespace. */
export interface Reference {
  readonly name?: string;
  readonly optional?: boolean;
}

export interface KeyReference extends Reference {
  readonly key?: string;
}

/** A probe or a lifecycle hook. */
export interface Handler {
  readonly grpc?: { readonly port?: number };
  readonly httpGet?: { readonly host?: string; readonly port?: number | string };
  readonly tcpSocket?: { readonly host?: string; readonly port?: number | string };
}

/** A volume; the field besides `name` says of which type. */
export interface Volume {
  readonly name?: string;
  readonly configMap?: Reference;
  readonly hostPath?: { readonly path?: string };
  readonly persistentVolumeClaim?: { readonly claimName?: string };
  readonly projected?: {
    readonly sources?: readonly { readonly configMap?: Reference; readonly secret?: Reference }[];
  };
  readonly secret?: { readonly secretName?: string; readonly optional?: boolean };
}

/** Every container of the pod: init, normal and ephemeral. */
export function allContainers(pod: PodTemplate): Container[] {
  return [...(pod.spec?.initContainers ?? []), ...mainContainers(pod), ...(pod.spec?.ephemeralContainers ?? [])];
}

/** The containers that run for the life of the pod, without sidecars. */
export function mainContainers(pod: PodTemplate): readonly Container[] {
  return pod.spec?.containers ?? [];
}

/** How messages name a container. */
export function containerName(container: Container): string {
  return `container "${container.name ?? "(unnamed)"}"`;
}

/** Value of a security setting that counts for the container: its own, else the pod's. */
export function effective<Key extends keyof SecurityContext>(
  pod: PodTemplate,
  container: Container,
  key: Key,
): SecurityContext[Key] | undefined {
  const ofPod: SecurityContext | undefined = pod.spec?.securityContext;
  return container.securityContext?.[key] ?? ofPod?.[key];
}

/**
 * A check of each container of each sort.
 * @param check says what is wrong with the container, `false` if nothing is; its name is put in front
 */
export function perContainer(
  check: (container: Container, pod: PodTemplate) => string | false,
): (pod: PodTemplate) => string[] {
  return (pod) =>
    allContainers(pod).flatMap((container) => {
      const problem = check(container, pod);
      return problem === false ? [] : [`${containerName(container)} ${problem}`];
    });
}
