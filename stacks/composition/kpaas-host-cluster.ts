import type * as pulumi from "@pulumi/pulumi";
import { HostClusterIdentity } from "../../components/kpaas/host-cluster-identity";
import type { Settings } from "../settings";
import { kpaasProfile } from "./kpaas-addresses";
import type { Site } from "./site";

/** Makes the id under which Vault and the database know the cluster that the platform runs on. Call it once. */
export function composeHostClusterId(site: Site): pulumi.Output<string> {
  const { kpaas, lifecycle } = site.settings;
  const { hostClusterId: id } = kpaasProfile(kpaas);
  return new HostClusterIdentity("host-cluster", { id, protect: lifecycle.protectData }, site.options).id;
}

/** Address of the API server of that cluster, as the portal uses it and shows it to people. */
export function hostClusterApiUrl({ cluster, kpaas }: Settings): string {
  return kpaas.hostCluster.apiUrl ?? cluster.server ?? `https://kubernetes.default.svc.${cluster.domain}`;
}
