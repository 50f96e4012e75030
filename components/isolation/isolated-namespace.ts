import { Namespace } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding } from "../contracts";
import { exceptionAnnotations, type PolicyExceptions } from "../kubernetes/exceptions";
import { standardLabels } from "../kubernetes/labels";
import { denyAll } from "../kubernetes/network-policy";

export interface IsolatedNamespaceArgs {
  /** Name of the Namespace object. */
  readonly namespace: string;
  /** System that owns it, for the labels. */
  readonly system: string;
  /** Pod Security level that the API server enforces here. @default restricted */
  readonly podSecurity?: "restricted" | "baseline" | "privileged";
  /** Whether the platform runs pods in it. @default true */
  readonly hasPods?: boolean;
  /** Needed when `podSecurity` is not `restricted`: policy rule → reason. */
  readonly exceptions?: PolicyExceptions;
  /** Refuse to delete it with the stack. @default false */
  readonly protectData?: boolean;
  /** Leave it in the cluster when the stack is destroyed, because claims with data live in it. @default false */
  readonly retainData?: boolean;
}

const NO_PODS = {
  "dangling-networkpolicy":
    "The platform runs no pods here; the policy closes the namespace for whatever is put there.",
};

/** A namespace whose pods meet a Pod Security level and may talk to nobody until a connection is declared. */
export class IsolatedNamespace extends pulumi.ComponentResource implements NamespaceBinding {
  readonly plainName: string;
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: IsolatedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:isolation:IsolatedNamespace", name, {}, opts);
    const level = args.podSecurity ?? "restricted";
    const labels = standardLabels({ system: args.system, instance: args.namespace, component: "namespace" });
    const namespace = new Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: args.namespace,
          labels: {
            ...labels,
            "pod-security.kubernetes.io/enforce": level,
            "pod-security.kubernetes.io/warn": "restricted",
            "pod-security.kubernetes.io/audit": "restricted",
          },
          ...(args.exceptions !== undefined && { annotations: exceptionAnnotations(args.exceptions) }),
        },
      },
      { parent: this, protect: args.protectData ?? false, retainOnDelete: args.retainData ?? false },
    );
    this.plainName = args.namespace;
    this.name = namespace.metadata.name;
    new NetworkPolicy(
      `${name}-deny-all`,
      {
        metadata: {
          namespace: this.name,
          labels,
          ...(args.hasPods === false && { annotations: exceptionAnnotations(NO_PODS) }),
        },
        spec: denyAll,
      },
      { parent: this },
    );
    this.registerOutputs({ name: this.name });
  }
}
