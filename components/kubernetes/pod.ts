import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ContainerImage } from "../../catalog/resolve";
import { accountMounts, accountVolume } from "./user-account";

type Container = types.input.core.v1.Container;
type VolumeMount = types.input.core.v1.VolumeMount;
type Volume = types.input.core.v1.Volume;
type PodSpec = types.input.core.v1.PodSpec;

/** Resource requests and limits of a container, Kubernetes quantities. */
export interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

export interface Identity {
  /** Numeric user that the processes run as. 0 needs an exception from the rule `run-as-non-root` on the workload. */
  readonly uid: number;
  /** Group of the processes and of the volumes' files. @default the uid */
  readonly gid?: number;
  /**
   * ConfigMap with the `accountFiles` of the user, for images that do not know the number and programs that look their
   * user up. @default the image knows it, or nothing asks
   */
  readonly accountName?: pulumi.Input<string> | undefined;
}

export interface RestrictedContainer
  extends Omit<Container, "name" | "image" | "imagePullPolicy" | "resources" | "volumeMounts"> {
  readonly name: string;
  /** With how it is pulled: a pod pulls with the Secrets of all its containers. */
  readonly image: ContainerImage;
  readonly resources: Resources;
  readonly volumeMounts?: readonly VolumeMount[];
  /** Absolute paths that the image writes to besides its volumes; each gets an emptyDir. With a size it is limited. */
  readonly writable?: readonly (string | { readonly path: string; readonly sizeLimit?: string })[];
  /**
   * For images that change their own files at every start. Needs an exception from the rule `no-read-only-root-fs` on
   * the workload.
   * @default false
   */
  readonly writableRoot?: boolean;
}

export interface RestrictedPod {
  readonly identity: Identity;
  readonly serviceAccountName: pulumi.Input<string>;
  /**
   * Mount the service account's token. Only for software that calls the Kubernetes API.
   * @default false
   */
  readonly mountToken?: boolean;
  readonly containers: readonly [RestrictedContainer, ...RestrictedContainer[]];
  readonly initContainers?: readonly RestrictedContainer[];
  readonly volumes?: readonly Volume[];
  /** Kernel settings; only the ones that Kubernetes calls safe pass the policy. */
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
  /** Placement, grace period and whatever else the pod needs beyond what is fixed here. */
  readonly placement?: Pick<
    PodSpec,
    | "affinity"
    | "nodeSelector"
    | "tolerations"
    | "terminationGracePeriodSeconds"
    | "topologySpreadConstraints"
    | "restartPolicy"
    | "priorityClassName"
  >;
}

/**
 * A pod that meets the Pod Security level `restricted`: non-root, no capabilities, no privilege escalation, default
 * seccomp profile, read-only root, no service-account token. Software that cannot live like this takes an exception on
 * its workload, with a reason.
 */
export function restrictedPod(pod: RestrictedPod): PodSpec {
  const { uid, gid = uid, accountName } = pod.identity;
  const initContainers = pod.initContainers ?? [];
  const all = [...initContainers, ...pod.containers];
  const scratch = all.flatMap(scratchVolumes);
  const account = accountName === undefined ? [] : accountMounts;
  const restricted = (container: RestrictedContainer) => restrictedContainer(container, account);
  const pullSecrets = [...new Set(all.flatMap(({ image }) => image.pullSecrets))];
  return {
    serviceAccountName: pod.serviceAccountName,
    automountServiceAccountToken: pod.mountToken ?? false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: uid !== 0,
      runAsUser: uid,
      runAsGroup: gid,
      fsGroup: gid,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
      ...(pod.sysctls !== undefined && { sysctls: [...pod.sysctls] }),
    },
    ...pod.placement,
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    ...(initContainers.length > 0 && { initContainers: initContainers.map(restricted) }),
    containers: pod.containers.map(restricted),
    volumes: [...(pod.volumes ?? []), ...(accountName === undefined ? [] : [accountVolume(accountName)]), ...scratch],
  };
}

/** What a container says of its image. For the few containers that cannot come from {@link restrictedPod}. */
export function imageFields({ reference, pullPolicy }: ContainerImage): Pick<Container, "image" | "imagePullPolicy"> {
  return { image: reference, imagePullPolicy: pullPolicy };
}

function restrictedContainer(container: RestrictedContainer, account: readonly VolumeMount[]): Container {
  const { image, writable, writableRoot = false, volumeMounts = [], resources, ...rest } = container;
  const scratch = writablePaths(writable).map(({ path }) => ({
    name: scratchName(container.name, path),
    mountPath: path,
  }));
  return {
    ...rest,
    ...imageFields(image),
    resources: { requests: { ...resources.requests }, limits: { ...resources.limits } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: !writableRoot,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [...volumeMounts, ...account, ...scratch],
  };
}

function scratchVolumes(container: RestrictedContainer): Volume[] {
  return writablePaths(container.writable).map(({ path, sizeLimit }) => ({
    name: scratchName(container.name, path),
    emptyDir: sizeLimit === undefined ? {} : { sizeLimit },
  }));
}

function writablePaths(writable: RestrictedContainer["writable"] = []): { path: string; sizeLimit?: string }[] {
  return writable.map((each) => (typeof each === "string" ? { path: each } : each));
}

function scratchName(container: string, path: string): string {
  return `${container}${path.replaceAll(/[^A-Za-z0-9]+/g, "-").toLowerCase()}`.replace(/-+$/, "");
}
