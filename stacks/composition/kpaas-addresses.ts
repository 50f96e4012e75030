import { isIP } from "node:net";
import type { Endpoint } from "../../components/contracts";
import { type Exposure, httpUrl } from "../../components/exposure/exposure";
import { wildcardSecretName } from "../../components/identity/wildcard-certificate";
import { applicationFacts, serviceOf } from "../../components/kpaas/portal-applications";
import { type ProductPlace, type Profile, type ProfileExposure, profiles } from "../../components/kpaas/profiles";
import type { KpaasSettings } from "../settings/kpaas";

/** What people open in a browser; each is a host name, or a port on the nodes. */
export type KpaasService = "portal" | "keycloak" | "vault" | "chartmuseum" | "pipeline" | "scm";

export interface KpaasAddress {
  readonly exposure: Exposure;
  /** Base address without a slash at the end, and without Keycloak's `/auth`. */
  readonly url: string;
}

/** The tables of the release that the settings name. */
export function kpaasProfile({ profile }: KpaasSettings): Profile {
  return profiles[profile];
}

/** How browsers reach the services. */
export function kpaasExposure(settings: KpaasSettings): ProfileExposure {
  return settings.exposure ?? kpaasProfile(settings).exposure;
}

/** Host name of a service behind the ingress. */
export function kpaasHost(settings: KpaasSettings, service: KpaasService): string {
  return `${service}.${given(settings.domain, "domain")}`;
}

/**
 * How a service is exposed, and its address. A pure function of the settings, so that Keycloak can be told the address
 * of the portal and the portal that of Keycloak.
 */
export function kpaasAddress(settings: KpaasSettings, service: KpaasService): KpaasAddress {
  if (kpaasExposure(settings) === "ingress") {
    const host = kpaasHost(settings, service);
    const secretName = wildcardSecretName(given(settings.domain, "domain"));
    return { exposure: { type: "ingress", host, tls: { from: "secret", secretName } }, url: `https://${host}` };
  }
  const { nodePort, serviceName, namespace, servicePort } = placeOf(settings, service);
  return nodePort === undefined
    ? { exposure: { type: "clusterIp" }, url: `http://${serviceName}.${namespace}.svc:${servicePort}` }
    : { exposure: { type: "nodePort", nodePort }, url: nodeUrl(settings, nodePort) };
}

/** Address of a port on the nodes. */
export function nodeUrl({ nodeAddress }: KpaasSettings, nodePort: number): string {
  return httpUrl(given(nodeAddress, "nodeAddress"), nodePort);
}

/**
 * The node by whose address pods call public addresses. Whether a network plugin looks at a packet before or after the
 * node port has become the port of a pod differs, so callers need this way besides the one to the pods themselves.
 * Undefined behind an ingress, and where the settings name the node by a host name, which no policy can hold.
 * @param nodePorts undefined: the release has none
 */
export function nodeEndpoint(
  settings: KpaasSettings,
  nodePorts: readonly (number | undefined)[],
): Endpoint | undefined {
  const { nodeAddress = "" } = settings;
  const version = isIP(nodeAddress);
  const ports = nodePorts.flatMap((port) => port ?? []);
  // A policy without ports would open them all.
  if (kpaasExposure(settings) === "ingress" || version === 0 || ports.length === 0) {
    return undefined;
  }
  return {
    system: "Node ports of K-PaaS",
    ports,
    peer: { cidrs: [`${nodeAddress}/${version === 4 ? 32 : 128}`] },
  };
}

function placeOf(settings: KpaasSettings, service: KpaasService): ProductPlace {
  const { chartMuseum, ...profile } = kpaasProfile(settings);
  switch (service) {
    case "portal": {
      const { port, nodePort } = applicationFacts["cp-portal-ui"];
      return {
        namespace: settings.portal.namespace,
        serviceName: serviceOf("cp-portal-ui"),
        servicePort: port,
        nodePort,
      };
    }
    case "chartmuseum":
      return chartMuseum;
    default:
      return profile[service];
  }
}

/** The rules of the settings make sure that it is there; they are checked before anything is composed. */
function given(value: string | undefined, key: "domain" | "nodeAddress"): string {
  if (value === undefined) {
    throw new Error(`platform:kpaas.${key} is not set.`);
  }
  return value;
}
