import { mapAt, mapsAt, type PropertyMap, stringAt, valueAt } from "../../protocol/property-values";
import { nameOf } from "../kinds";
import { minutes, type ReadinessRule, ready, type Surroundings, waiting } from "./readiness";

const endpointSlices = { group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice" };
const services = { group: "", version: "v1", kind: "Service" };

/** Quiet time after which a Service without any Pod counts as ready, in milliseconds: its Pods may come later. */
const settleTime = 2000;

export const serviceRule: ReadinessRule = {
  timeout: 10 * minutes,
  related: [endpointSlices],
  settleTime,
  evaluate: (service, surroundings) => {
    if (stringAt(service, "spec", "type") === "LoadBalancer" && !hasAddress(service)) {
      const problem = "the Service got no address; is there a controller for load balancers in this cluster?";
      return waiting("Waiting for an address of the load balancer", [problem]);
    }
    if (!waitsForPods(service)) return ready;
    const endpoints = slicesOf(nameOf(service), surroundings).flatMap((slice) => mapsAt(slice, "endpoints"));
    const pending = endpoints.filter((endpoint) => valueAt(endpoint, "conditions", "ready") === false);
    if (pending.length === 0 && endpoints.length > 0) return ready;
    if (pending.length === 0 && surroundings.unchangedFor >= settleTime) return ready;
    const problem = `${pending.length} of ${endpoints.length} Pods behind the Service are not ready`;
    return waiting("Waiting for Pods to direct traffic to", pending.length > 0 ? [problem] : []);
  },
};

/** Services without a selector, without an address, or that are only an alias have no Pods of their own. */
function waitsForPods(service: PropertyMap): boolean {
  return (
    Object.keys(mapAt(service, "spec", "selector")).length > 0 &&
    stringAt(service, "spec", "clusterIP") !== "None" &&
    stringAt(service, "spec", "type") !== "ExternalName"
  );
}

function slicesOf(serviceName: string, surroundings: Surroundings): PropertyMap[] {
  return surroundings
    .of("EndpointSlice")
    .filter((slice) => stringAt(slice, "metadata", "labels", "kubernetes.io/service-name") === serviceName);
}

function hasAddress(object: PropertyMap): boolean {
  return mapsAt(object, "status", "loadBalancer", "ingress").length > 0;
}

export const ingressRule: ReadinessRule = {
  timeout: 10 * minutes,
  related: [services, endpointSlices],
  evaluate: (ingress, surroundings) => {
    const missing = [...new Set(backendsOf(ingress))].filter((name) => !isReachable(name, surroundings));
    if (missing.length > 0) {
      const problems = missing.map((name) => `the Service ${name}, which the Ingress points to, has no endpoints`);
      return waiting("Waiting for the Services behind the Ingress", problems);
    }
    if (hasAddress(ingress)) return ready;
    const problem = "the Ingress got no address; is there a controller for its ingress class in this cluster?";
    return waiting("Waiting for an address of the Ingress", [problem]);
  },
};

/** Names of the Services that an Ingress points to. */
function backendsOf(ingress: PropertyMap): string[] {
  const paths = mapsAt(ingress, "spec", "rules").flatMap((rule) => mapsAt(rule, "http", "paths"));
  const backends = [mapAt(ingress, "spec", "defaultBackend"), ...paths.map((path) => mapAt(path, "backend"))];
  return backends.flatMap((backend) => stringAt(backend, "service", "name") ?? []);
}

function isReachable(serviceName: string, surroundings: Surroundings): boolean {
  const service = surroundings.of("Service").find((candidate) => nameOf(candidate) === serviceName);
  const isAlias = service && stringAt(service, "spec", "type") === "ExternalName";
  return isAlias === true || slicesOf(serviceName, surroundings).length > 0;
}
