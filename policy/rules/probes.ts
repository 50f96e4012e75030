import { isKind } from "../manifest";
import { type Container, containerName, type Handler, mainContainers } from "../pod";
import { forPods, type Rule } from "../rule";

type Probe = "livenessProbe" | "readinessProbe" | "startupProbe";

const URL = "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/";

/** How the kubelet finds out whether a container works. */
export const probeRules: readonly Rule[] = [
  missing("no-liveness-probe", "livenessProbe", "A container that hangs is restarted."),
  missing("no-readiness-probe", "readinessProbe", "A container gets requests only when it can answer them."),
  wrongPort("liveness-port", "livenessProbe"),
  wrongPort("readiness-port", "readinessProbe"),
  wrongPort("startup-port", "startupProbe"),
];

function missing(name: string, probe: Probe, description: string): Rule {
  return {
    name,
    severity: "medium",
    scope: "object",
    url: URL,
    description: `${description} Jobs are exempt: they end by themselves.`,
    remediation: `set \`${probe}\`, or say why the container can have none`,
    check: forPods((pod, manifest) =>
      isKind(manifest, "Job", "CronJob")
        ? []
        : mainContainers(pod)
            .filter((container) => container[probe] === undefined)
            .map((container) => `${containerName(container)} has no ${probe}`),
    ),
  };
}

function wrongPort(name: string, probe: Probe): Rule {
  return {
    name,
    severity: "medium",
    scope: "object",
    url: URL,
    description: `The ${probe} of a container asks a port that the container declares.`,
    remediation: `declare the port in \`ports\`, or correct it in \`${probe}\``,
    check: forPods((pod) =>
      mainContainers(pod).flatMap((container) => {
        const port = probedPort(container[probe]);
        return port === undefined || declares(container, port)
          ? []
          : [`${containerName(container)} does not declare the port ${port} of its ${probe}`];
      }),
    ),
  };
}

function probedPort(handler: Handler | undefined): number | string | undefined {
  return handler?.httpGet?.port ?? handler?.tcpSocket?.port ?? handler?.grpc?.port;
}

function declares(container: Container, port: number | string): boolean {
  return (container.ports ?? []).some(
    (each) => (each.protocol ?? "TCP") === "TCP" && (each.containerPort === port || each.name === port),
  );
}
