import { type Claims, foreignNamespace } from "./claim";

/** Where the parts that the cluster has already live by custom, whose sections name no namespace. */
const CERT_MANAGER = "cert-manager";
const KUBEVIRT = "kubevirt";

/** What belongs to the cluster and to what is installed in it. */
export const clusterClaims: Claims = ({ cluster, kubekloud, kpaas, pipeline, sourceControl }) => {
  const { chaos } = kpaas.portal;
  const brokers = [
    { path: ["kpaas", "portal"], used: kpaas.enabled, broker: kpaas.portal.broker },
    { path: ["pipeline"], used: pipeline.enabled, broker: pipeline.broker },
    { path: ["sourceControl"], used: sourceControl.enabled, broker: sourceControl.broker },
  ];
  return [
    foreignNamespace(["cluster", "ingress", "controllerNamespace"], cluster.ingress.controllerNamespace),
    foreignNamespace(["cluster", "dns", "namespace"], cluster.dns.namespace),
    foreignNamespace(["cluster", "keda", "namespace"], cluster.keda.namespace),
    foreignNamespace(["cluster", "prometheus", "namespace"], cluster.prometheus.namespace),
    foreignNamespace(["cluster", "capabilities", "certManager"], CERT_MANAGER),
    foreignNamespace(["kubekloud", "kubevirt"], KUBEVIRT),
    foreignNamespace(
      ["kpaas", "portal", "chaos", "dashboard", "namespace"],
      chaos.dashboard.namespace,
      kpaas.enabled && chaos.enabled,
    ),
    ...brokers.flatMap(({ path, used, broker: { enabled, exposure } }) =>
      exposure?.type === "clusterIp"
        ? [foreignNamespace([...path, "broker", "exposure", "namespace"], exposure.namespace, used && enabled)]
        : [],
    ),
    ...(kubekloud.kubevirt ? [foreignNamespace(["kubekloud", "kubevirt"], "cdi")] : []),
  ];
};
