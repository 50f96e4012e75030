import type { Manifest } from "../../stacks/render";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
}

/** A pod, as far as tests look at it. */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly imagePullSecrets?: readonly { readonly name: string }[];
}

/** The pod that a workload of any kind makes; undefined for other objects. */
export function podSpecOf({ kind, ...fields }: Manifest): PodSpec | undefined {
  type Template = { readonly template?: { readonly spec: PodSpec } };
  const spec = fields["spec"] as (Template & { readonly jobTemplate?: { readonly spec: Template } }) | undefined;
  const workloads = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];
  return workloads.includes(kind) ? (spec?.jobTemplate?.spec ?? spec)?.template?.spec : undefined;
}
