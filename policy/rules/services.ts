import {
  type Fields,
  fieldsOf,
  inSameNamespace,
  isKind,
  listOf,
  type Manifest,
  namespaceOf,
  podTemplateOf,
  specOf,
  textOf,
} from "../manifest";
import { allContainers, type ContainerPort, containerName, mainContainers } from "../pod";
import type { Rule } from "../rule";
import { describeSelector, selectedWorkloads, selects } from "../selector";

/** How pods are reached through Services. */
export const serviceRules: readonly Rule[] = [
  {
    name: "dangling-service",
    severity: "high",
    scope: "stack",
    description: "A Service selects pods that exist.",
    remediation: "correct the selector, or say what is behind the Service instead",
    check: forServices((service, all) => {
      const { type, selector } = specOf(service);
      if (type === "ExternalName") return [];
      if (Object.keys(fieldsOf(selector)).length === 0) return ["has no selector"];
      return podsBehind(service, all).length > 0 ? [] : [`selects no pod by ${selectorText(service)}`];
    }),
  },
  {
    name: "dangling-target-port",
    severity: "high",
    scope: "stack",
    description: "The target ports of a Service are declared by the pods behind it.",
    remediation: "correct `targetPort`, or declare the port in the container",
    check: forServices((service, all) => {
      const workloads = podsBehind(service, all);
      if (workloads.length === 0) return []; // dangling-service says so
      const ports = workloads.flatMap((workload) =>
        // A sidecar is an init container that keeps running, so it can listen as well.
        allContainers(podTemplateOf(workload) ?? {}).flatMap((container) => container.ports ?? []),
      );
      return listOf(specOf(service)["ports"])
        .filter((port) => !ports.some((declared) => isTarget(port, declared)))
        .map((port) => `no pod behind it declares the target port ${String(targetOf(port))}`);
    }),
  },
  {
    name: "invalid-target-ports",
    severity: "high",
    scope: "object",
    url: "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    description: "Names and numbers of ports are valid.",
    remediation: "use at most 15 lower-case letters, digits and single hyphens, one letter at least, or 1 to 65535",
    check: (manifest) => {
      const pod = podTemplateOf(manifest);
      if (pod !== undefined)
        return mainContainers(pod).flatMap((container) =>
          (container.ports ?? [])
            .filter(({ name }) => name !== undefined && !isPort(name))
            .map(({ name }) => `${containerName(container)} has the invalid port name "${name}"`),
        );
      return isKind(manifest, "Service")
        ? listOf(specOf(manifest)["ports"])
            .filter(({ targetPort }) => targetPort !== undefined && !isPort(targetPort))
            .map(({ targetPort }) => `has the invalid target port "${String(targetPort)}"`)
        : [];
    },
  },
  {
    name: "exposed-services",
    severity: "medium",
    scope: "object",
    description: "Services are reached from outside through an Ingress only.",
    remediation: "use the type ClusterIP, or say why the port must be open on the nodes or a load balancer",
    check: forServices((service) => {
      const type = specOf(service)["type"];
      return type === "NodePort" || type === "LoadBalancer" ? [`is of the type ${type}`] : [];
    }),
  },
  {
    name: "dangling-servicemonitor",
    severity: "medium",
    scope: "stack",
    description: "A ServiceMonitor selects Services that exist.",
    remediation: "correct the selector",
    check: (manifest, all) => {
      if (!isKind(manifest, "ServiceMonitor")) return [];
      const { selector, namespaceSelector } = specOf(manifest);
      const { any, matchNames } = fieldsOf(namespaceSelector);
      const names = listOf<string>(matchNames);
      const namespaces = names.length > 0 ? names : [namespaceOf(manifest)];
      const matching = all.filter(
        (each) =>
          isKind(each, "Service") &&
          (any === true || namespaces.includes(namespaceOf(each))) &&
          selects(selector, each.metadata.labels),
      );
      return matching.length > 0 ? [] : [`selects no Service by ${describeSelector(selector)}`];
    },
  },
];

function forServices(check: (service: Manifest, all: readonly Manifest[]) => readonly string[]): Rule["check"] {
  return (manifest, all) => (isKind(manifest, "Service") ? check(manifest, all) : []);
}

/** Workloads whose pods a Service sends requests to. */
function podsBehind(service: Manifest, all: readonly Manifest[]): Manifest[] {
  const selector = fieldsOf(specOf(service)["selector"]);
  if (Object.keys(selector).length === 0) return []; // an empty selector of a Service selects nothing
  return selectedWorkloads({ matchLabels: selector }, inSameNamespace(service, all));
}

function selectorText(service: Manifest): string {
  return describeSelector({ matchLabels: specOf(service)["selector"] });
}

function targetOf(port: Fields): unknown {
  return port["targetPort"] ?? port["port"];
}

function isTarget(port: Fields, declared: ContainerPort): boolean {
  const target = targetOf(port);
  const protocol = textOf(port["protocol"]) ?? "TCP";
  return (declared.containerPort === target || declared.name === target) && (declared.protocol ?? "TCP") === protocol;
}

function isPort(port: unknown): boolean {
  if (typeof port === "number") return Number.isInteger(port) && port >= 1 && port <= 65535;
  const name = textOf(port) ?? "";
  return name.length <= 15 && /[a-z]/.test(name) && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
}
