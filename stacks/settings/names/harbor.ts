import { type Claim, type Claims, namespaceClaim, nodePortClaim } from "./claim";

/** What Harbor claims. */
export const harborClaims: Claims = ({ harbor }) => {
  const used = harbor.enabled && harbor.external === undefined;
  const { nodePreparation } = harbor;
  return [
    namespaceClaim(["harbor", "namespace"], harbor.namespace, used),
    namespaceClaim(
      ["harbor", "nodePreparation", "namespace"],
      nodePreparation.namespace,
      used && nodePreparation.enabled,
    ),
    ...exposureOf(harbor, used),
  ];
};

function exposureOf({ exposure, host }: Parameters<Claims>[0]["harbor"], used: boolean): readonly Claim[] {
  const at = (key: string) => ["harbor", "exposure", key];
  switch (exposure.type) {
    case "ingress":
      return [{ kind: "host", path: ["harbor", "host"], name: host, used }];
    case "nodePort":
      return [
        ...nodePortClaim(at("httpPort"), exposure.httpPort, used),
        ...nodePortClaim(at("httpsPort"), exposure.httpsPort, used && exposure.tls.from !== "none"),
      ];
    case "loadBalancer":
      return exposure.address === undefined
        ? []
        : [{ kind: "address", path: at("address"), name: exposure.address, used }];
    case "clusterIp":
      return [];
  }
}
