import { NfsProvisioner } from "../../components/storage/nfs-provisioner";
import type { Site } from "./site";

/** The optional provisioner behind the class `nfs-client`, for clusters that do not have it yet. */
export function composeNfsProvisioner(site: Site): void {
  const { nfs } = site.settings;
  const { provisioner } = nfs;
  const component = new NfsProvisioner(
    "nfs-provisioner",
    {
      namespace: site.namespace(provisioner.namespace, "nfs-provisioner"),
      image: site.image("nfs-subdir-external-provisioner"),
      server: nfs.server,
      path: nfs.path,
      mountOptions: nfs.mountOptions,
      storageClass: {
        name: nfs.storageClass,
        default: provisioner.default,
        archiveOnDelete: provisioner.archiveOnDelete,
        reclaimPolicy: provisioner.reclaimPolicy,
      },
      kubernetesApi: site.kubernetesApi,
    },
    site.options,
  );
  site.add("nfs-provisioner", component);
}
