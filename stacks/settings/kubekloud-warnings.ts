import { closedWithin } from "../../components/kubernetes/address-range";
import type { Settings } from "./schema";

/** What works in KubeKloud's settings but deserves a second look. */
export function kubekloudWarnings({ kubekloud, cluster }: Settings): string[] {
  const { enabled, exposure, image, imageGate, userAdministration } = kubekloud;
  if (!enabled) {
    return [];
  }
  return [
    ...(userAdministration.open && exposure.type !== "clusterIp"
      ? [
          "platform:kubekloud.userAdministration.open is true: everybody who reaches the API can list and create users with any quota, without a login. " +
            "Use an exposure of the type ingress and name the administrators in platform:kubekloud.userAdministration.allowedSources.",
        ]
      : []),
    ...(!userAdministration.open && exposure.type === "loadBalancer"
      ? [
          `platform:kubekloud.exposure.allowedSources lets in ${(exposure.allowedSources ?? []).join(", ")}: everybody there can list and create users with any quota, without a login. ` +
            "Name the ranges of administrators only, or use an exposure of the type ingress, which closes these paths by themselves." +
            keptOut(exposure.allowedSources ?? [], cluster.podCidrs),
        ]
      : []),
    ...(exposure.type === "ingress" && exposure.tls.from === "none"
      ? [
          "platform:kubekloud.exposure.tls.from is none: bearer tokens travel unencrypted. Use selfMade, secret or issuer.",
        ]
      : []),
    ...(exposure.type === "loadBalancer" || exposure.type === "nodePort"
      ? [
          `platform:kubekloud.exposure.type is ${exposure.type}: bearer tokens travel unencrypted, since the API speaks plain HTTP only. ` +
            "Use the type ingress with TLS, or keep it to networks where nobody listens.",
        ]
      : []),
    ...(imageGate === "await"
      ? [
          `platform:kubekloud.imageGate is await: the run waits until the image ${image.repository} can be pulled, and fails after a quarter of an hour. ` +
            "Another warning says how to push it; with skip the API starts by itself later.",
        ]
      : []),
  ];
}

/** Addresses of pods that the network policy takes out of the ranges. */
function keptOut(allowedSources: readonly string[], podCidrs: readonly string[]): string {
  const inside = closedWithin(allowedSources, podCidrs);
  return inside.length === 0
    ? ""
    : ` Pods, ${inside.join(", ")}, are kept out. Where nodes or clients have such addresses too, as with the VPC network plugin of AWS, name that range as well.`;
}
