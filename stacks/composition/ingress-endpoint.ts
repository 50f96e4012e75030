import type { Endpoint } from "../../components/contracts";
import type { Settings } from "../settings";

/**
 * The ingress controller, as pods reach it that call one of the platform's public addresses. Inside the cluster such a
 * call ends at the controller's pods, whatever address the name stands for.
 * @param scheme of the address
 */
export function ingressEndpoint({ ingress }: Settings["cluster"], scheme: "http" | "https"): Endpoint {
  return {
    system: "Ingress controller",
    ports: [ingress.controllerPorts[scheme]],
    peer: { namespace: ingress.controllerNamespace, podLabels: ingress.controllerPodLabels },
  };
}
