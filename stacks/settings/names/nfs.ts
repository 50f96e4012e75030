import { type Claims, namespaceClaim } from "./claim";

/** What the NFS provisioner claims. */
export const nfsClaims: Claims = ({ nfs: { provisioner, storageClass } }) => [
  namespaceClaim(["nfs", "provisioner", "namespace"], provisioner.namespace, provisioner.enabled),
  {
    kind: "clusterScoped",
    path: ["nfs", "storageClass"],
    name: `StorageClass ${storageClass}`,
    used: provisioner.enabled,
  },
];
