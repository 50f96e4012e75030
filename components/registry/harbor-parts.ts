import type { PodLabels, Workload } from "../contracts";
import { standardLabels } from "../kubernetes/labels";

/** Release name of upstream's chart that the object names follow (seed: `harbor-…`). */
const RELEASE = "harbor";

/** Everything of Harbor that runs in pods of its own. `registry` holds two containers: the registry and its controller. */
export type HarborPart =
  | "nginx"
  | "portal"
  | "core"
  | "jobservice"
  | "registry"
  | "database"
  | "redis"
  | "trivy"
  | "exporter";

/** Ports that the pods listen on. */
export const harborPorts = {
  /** nginx, portal, core, jobservice, the registry's controller and Trivy. */
  http: 8080,
  /** nginx with a certificate. */
  https: 8443,
  registry: 5000,
  /** The registry's debug server where metrics are off; reachable inside the pod only. */
  registryDebug: 5001,
  database: 5432,
  redis: 6379,
  metrics: 8001,
} as const;

/** Name of the Services' port for {@link harborPorts.metrics}. */
export const METRICS_PORT_NAME = "http-metrics";

/** Port of the Services of portal, core and jobservice. */
export const SERVICE_HTTP_PORT = 80;

/** Name of the ServiceAccount of all pods; it has no rights and its token is mounted nowhere. */
export const SERVICE_ACCOUNT = RELEASE;

/** Name of the Service in front, which has the node ports or the load balancer. */
export const FRONT_SERVICE = RELEASE;

/** Name of the Ingress. */
export const INGRESS = `${RELEASE}-ingress`;

/** Name of the part's workload and Service, and the start of the names of its other objects. */
export function partName(part: HarborPart): string {
  return `${RELEASE}-${part}`;
}

/** The labels that select a part's pods, the same as in upstream's chart. */
export function partSelector(part: HarborPart): PodLabels {
  return { release: RELEASE, app: "harbor", component: part };
}

/** Labels of a part's objects and pods. */
export function partLabels(part: HarborPart, version: string): Record<string, string> {
  return {
    ...partSelector(part),
    ...standardLabels({ system: "harbor", instance: partName(part), component: part, version }),
  };
}

/** Labels of an object that belongs to no single part. */
export function commonLabels(component: string): Record<string, string> {
  return { release: RELEASE, app: "harbor", ...standardLabels({ system: "harbor", instance: RELEASE, component }) };
}

/** The part's pods as network policies see them. */
export function partWorkload(part: HarborPart, namespace: string): Workload {
  return { system: "harbor", name: partName(part), namespace, podLabels: partSelector(part) };
}

/** User and group of the processes in Harbor's own images. */
export const HARBOR_USER = 10000;

/** User and group of the processes in the images of the database and of Redis. */
export const DATA_USER = 999;
