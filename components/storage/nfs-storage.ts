import { PersistentVolume, PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceBinding, StorageBinding } from "../contracts";
import { standardLabels } from "../kubernetes/labels";
import { nfsClaim, nfsVolume } from "./nfs-volume";

export interface NfsStorageArgs {
  /** Where the claim lives. */
  readonly namespace: NamespaceBinding;
  /** System that uses the volume, for the labels. */
  readonly system: string;
  /** Name of the PersistentVolume. OpenChecker's seed: `openchecker-pv`. */
  readonly volumeName: string;
  /** Name of the claim. OpenChecker's seed: `openchecker-pvc`. */
  readonly claimName: string;
  /** DNS name or address of the NFS server, as the machines of the cluster reach it. */
  readonly server: string;
  /** Exported directory. It must exist: nothing makes it. */
  readonly path: string;
  /** Kubernetes quantity. NFS does not enforce it. */
  readonly size: string;
  /** Class that volume and claim name; no StorageClass object of this name is needed. */
  readonly storageClass: string;
  /** Options of the mount on the machines, such as `nfsvers=4.1`. */
  readonly mountOptions: readonly string[];
  readonly lifecycle: {
    /** Refuse to delete or replace volume and claim. */
    readonly protectData: boolean;
    /** Leave volume and claim in the cluster when the stack is destroyed. */
    readonly retainData: boolean;
  };
}

/**
 * A directory of an NFS server as a claim that pods on all machines can mount at the same time. Volume and claim are
 * bound to each other by name. The files on the server outlive both: deleting them is up to whoever runs the server.
 */
export class NfsStorage extends pulumi.ComponentResource {
  readonly binding: StorageBinding;

  constructor(name: string, args: NfsStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("platform:storage:NfsStorage", name, {}, opts);
    const labels = standardLabels({ system: args.system, instance: args.claimName, component: "storage" });
    const options = {
      parent: this,
      deleteBeforeReplace: true, // both names are fixed, and a claim binds to one volume for life
      protect: args.lifecycle.protectData,
      retainOnDelete: args.lifecycle.retainData,
    };
    const volume = new PersistentVolume(
      `${name}-volume`,
      {
        metadata: { name: args.volumeName, labels },
        spec: nfsVolume({ ...args, claim: { namespace: args.namespace.name, name: args.claimName } }),
      },
      // The claim cannot follow these, and a volume that lost its claim takes no new one: they are replaced together.
      { ...options, replaceOnChanges: ["spec.capacity", "spec.storageClassName"] },
    );
    const claim = new PersistentVolumeClaim(
      `${name}-claim`,
      {
        metadata: { name: args.claimName, namespace: args.namespace.name, labels },
        spec: nfsClaim(args, volume.metadata.name),
      },
      { ...options, replaceOnChanges: ["spec.resources"] },
    );
    this.binding = {
      namespace: args.namespace.plainName,
      claimName: claim.metadata.name,
      accessMode: "ReadWriteMany",
    };
    this.registerOutputs({ claimName: claim.metadata.name });
  }
}
