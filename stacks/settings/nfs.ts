import { z } from "zod";
import { absolutePath, dnsName, ownNamespace, serverAddress } from "./values";

/** The NFS server behind the shared volumes. */
export const nfs = z
  .strictObject({
    server: serverAddress.default("192.168.0.110").meta({ description: "Address of the NFS server.", source: "seed" }),
    path: absolutePath
      .default("/nfs_provisioner_data")
      .meta({ description: "Exported directory under which the provisioner makes volumes.", source: "seed" }),
    mountOptions: z
      .array(z.string().regex(/^[A-Za-z][\w.:=/+-]{0,127}$/))
      .default([])
      .meta({ description: "Options of every NFS mount.", allowed: "a list of mount options", examples: [["hard"]] }),
    storageClass: dnsName.default("nfs-client").meta({ description: "StorageClass of NFS volumes.", source: "seed" }),
    provisioner: z
      .strictObject({
        enabled: z.boolean().default(false).meta({
          description: "Install the NFS subdir provisioner and the StorageClass. False: the cluster has them.",
        }),
        namespace: ownNamespace
          .default("nfs-provisioner")
          .meta({ description: "Namespace of the provisioner.", source: "upstream" }),
        default: z.boolean().default(false).meta({ description: "Make it the cluster's default StorageClass." }),
        archiveOnDelete: z.boolean().default(false).meta({
          description: "Rename the directory of a deleted claim instead of removing it.",
          source: "upstream",
        }),
        reclaimPolicy: z.enum(["Delete", "Retain"]).default("Delete").meta({
          description: "What happens to a provisioned volume when its claim is deleted.",
          source: "upstream",
        }),
      })
      .prefault({})
      .meta({ description: "The NFS subdir provisioner." }),
  })
  .meta({ description: "The NFS server behind the shared volumes." });
