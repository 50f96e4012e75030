import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A directory of an NFS server, offered to one claim. */
export interface NfsVolumeFacts {
  /** DNS name or address of the server, as the machines of the cluster reach it. */
  readonly server: string;
  /** Exported directory. It must exist: nothing makes it. */
  readonly path: string;
  /** Kubernetes quantity; volume and claim must agree on it, NFS does not enforce it. */
  readonly size: string;
  /** Class that both sides name. `""`: none. No StorageClass object of this name is needed. */
  readonly storageClass: string;
  /** Options of the mount on the machines. */
  readonly mountOptions: readonly string[];
  /** Namespace and name of the claim. */
  readonly claim: { readonly namespace: pulumi.Input<string>; readonly name: string };
}

/**
 * The volume, reserved for a claim of this name. Kubernetes adds the `uid` of the claim that takes it, and keeps it when
 * that claim is deleted; `docs/storage.md` says how a new claim gets the volume then.
 */
export function nfsVolume(facts: NfsVolumeFacts): types.input.core.v1.PersistentVolumeSpec {
  return {
    capacity: { storage: facts.size },
    accessModes: ["ReadWriteMany"],
    persistentVolumeReclaimPolicy: "Retain",
    storageClassName: facts.storageClass,
    volumeMode: "Filesystem",
    mountOptions: [...facts.mountOptions],
    nfs: { server: facts.server, path: facts.path },
    claimRef: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      namespace: facts.claim.namespace,
      name: facts.claim.name,
    },
  };
}

/** The claim for exactly this volume. Without the volume's name a provisioner of the same class could serve it an empty one. */
export function nfsClaim(
  facts: Pick<NfsVolumeFacts, "size" | "storageClass">,
  volumeName: pulumi.Input<string>,
): types.input.core.v1.PersistentVolumeClaimSpec {
  return {
    accessModes: ["ReadWriteMany"],
    storageClassName: facts.storageClass,
    volumeMode: "Filesystem",
    resources: { requests: { storage: facts.size } },
    volumeName,
  };
}
