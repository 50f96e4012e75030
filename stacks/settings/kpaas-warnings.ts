import { kpaasExposure } from "../composition/kpaas-addresses";
import { hostClusterApiUrl } from "../composition/kpaas-host-cluster";
import { hasCatalog } from "./kpaas-portal";
import type { Settings } from "./schema";

/** What works in K-PaaS's settings but deserves a second look. */
export function kpaasWarnings(settings: Settings): string[] {
  const { kpaas } = settings;
  const { enabled, portal } = kpaas;
  if (!enabled) {
    return [];
  }
  return [
    ...(kpaasExposure(kpaas) === "nodePort"
      ? [
          "platform:kpaas.exposure is nodePort: passwords and tokens of the portal and of Keycloak travel unencrypted. Use the exposure ingress outside of closed networks.",
        ]
      : []),
    ...(portal.credentials === "builtIn"
      ? [
          "platform:kpaas.portal.credentials is builtIn: the key that signs the portal's tokens is the one in the public images, so everybody who reaches the portal can act as any user. " +
            "Use generated, with images that read it from the environment.",
        ]
      : []),
    ...(portal.internalNodePorts
      ? [
          "platform:kpaas.portal.internalNodePorts is true: everybody who reaches a node can call Common-API, Metric-API and Terraman, whose logins are partly compiled into public images.",
        ]
      : []),
    ...(portal.imageGate === "await"
      ? [
          "platform:kpaas.portal.imageGate is await: the run waits until all images of the portal can be pulled, and fails after a quarter of an hour. " +
            "With skip the applications start by themselves later.",
        ]
      : []),
    ...unreachableAddresses(settings),
  ];
}

/** Addresses that the portal shows to people and that lead nowhere outside of the cluster. */
function unreachableAddresses(settings: Settings): string[] {
  const { chartmuseum, cluster, kpaas } = settings;
  const { hostname } = new URL(hostClusterApiUrl(settings));
  const inside = ["localhost", "127.0.0.1", "[::1]"].includes(hostname) || isServiceName(hostname, cluster.domain);
  const chartsInside =
    chartmuseum.external === undefined && (!chartmuseum.exposed || kpaasExposure(kpaas) === "nodePort");
  return [
    ...(inside
      ? [
          `The portal writes ${hostname} into the kubeconfigs that it gives to people, and nobody outside the cluster reaches that. ` +
            "Set platform:kpaas.hostCluster.apiUrl, or platform:cluster.server, to the address of the API server.",
        ]
      : []),
    ...(hasCatalog(kpaas) && chartsInside
      ? [
          "The portal's catalog shows the chart repository by its address inside the cluster, to which nobody can push from outside. " +
            "Use platform:chartmuseum.exposed with the exposure ingress, or a platform:chartmuseum.external.",
        ]
      : []),
  ];
}

function isServiceName(host: string, domain: string): boolean {
  return host.endsWith(".svc") || host.endsWith(`.svc.${domain}`);
}
