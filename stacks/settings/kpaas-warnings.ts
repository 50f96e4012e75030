import { kpaasExposure } from "../composition/kpaas-addresses";
import type { Settings } from "./schema";

/** What works in K-PaaS's settings but deserves a second look. */
export function kpaasWarnings({ kpaas }: Settings): string[] {
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
  ];
}
