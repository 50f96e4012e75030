import { podTemplateOf } from "../manifest";
import { allContainers, type Container, containerName, type PodTemplate, perContainer } from "../pod";
import { forPods, type Rule } from "../rule";

const RESOURCES_URL = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/";
const SENSITIVE_DIRECTORIES = /^\/(boot|dev|etc|lib|proc|sys|usr)?$/;
const SSH_PORT = 22;

/** Hardening and sizing of containers beyond the Pod Security Standards. */
export const containerRules: readonly Rule[] = [
  {
    name: "no-read-only-root-fs",
    severity: "medium",
    scope: "object",
    description: "Containers cannot write to their image's file system.",
    remediation: "set `readOnlyRootFilesystem: true` and mount an emptyDir on each path that is written to",
    check: forPods(
      perContainer(
        ({ securityContext }) => securityContext?.readOnlyRootFilesystem !== true && "has a writable root file system",
      ),
    ),
  },
  {
    name: "drop-net-raw-capability",
    severity: "high",
    scope: "object",
    description: "No container can forge network packets.",
    remediation: "drop the capability NET_RAW, best by `drop: [ALL]`",
    check: forPods(
      perContainer(({ securityContext }) => {
        const { add = [], drop = [] } = securityContext?.capabilities ?? {};
        if (add.includes("NET_RAW")) return "adds the capability NET_RAW";
        return !drop.includes("NET_RAW") && !drop.includes("ALL") && "keeps the capability NET_RAW";
      }),
    ),
  },
  {
    name: "docker-sock",
    severity: "critical",
    scope: "object",
    description: "No container gets the socket of the node's container runtime, which is root on the node.",
    remediation: "remove the mount of the socket; build images with a rootless builder",
    check: hostMounts(
      (path) => /(docker|containerd|crio)\.sock$/.test(path),
      "controls the node's container runtime by",
    ),
  },
  {
    name: "sensitive-host-mounts",
    severity: "critical",
    scope: "object",
    description: "No container sees a system directory of its node.",
    remediation: "remove the mount",
    check: hostMounts((path) => SENSITIVE_DIRECTORIES.test(path), "mounts the node's directory"),
  },
  {
    name: "writable-host-mount",
    severity: "high",
    scope: "object",
    description: "Directories of the node are mounted read-only.",
    remediation: "set `readOnly: true` on the mount",
    check: hostMounts((_path, readOnly) => !readOnly, "can write to the node's directory"),
  },
  {
    name: "ssh-port",
    severity: "medium",
    scope: "object",
    description: "No container runs an SSH server.",
    remediation: "remove the port; use `kubectl exec`",
    check: forPods(
      perContainer(
        ({ ports = [] }) =>
          ports.some((port) => port.containerPort === SSH_PORT && (port.protocol ?? "TCP") === "TCP") && "offers SSH",
      ),
    ),
  },
  {
    name: "unset-cpu-requirements",
    severity: "medium",
    scope: "object",
    url: RESOURCES_URL,
    description: "Every container requests CPU. A limit is not demanded: it throttles even on an idle node.",
    remediation: "set `resources.requests.cpu`",
    check: sized(({ resources }) => resources?.requests?.["cpu"], "requests no CPU"),
  },
  {
    name: "unset-memory-requirements",
    severity: "medium",
    scope: "object",
    url: RESOURCES_URL,
    description: "Every container has a memory limit.",
    remediation: "set `resources.limits.memory`",
    check: sized(({ resources }) => resources?.limits?.["memory"], "has no memory limit"),
  },
  {
    name: "memory-requests-missing",
    severity: "medium",
    scope: "object",
    url: RESOURCES_URL,
    description: "Every container says how much memory it normally needs.",
    remediation: "set `resources.requests.memory`",
    check: sized(({ resources }) => resources?.requests?.["memory"], "requests no memory"),
  },
  {
    name: "duplicate-env-var",
    severity: "medium",
    scope: "object",
    description: "No environment variable is set twice in a container.",
    remediation: "remove one of them: the last one wins, silently",
    check: forPods(
      perContainer(({ env = [] }) => {
        const names = env.map(({ name }) => name);
        const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
        return twice.length > 0 && `sets ${twice.join(", ")} more than once`;
      }),
    ),
  },
];

function sized(value: (container: Container) => unknown, problem: string): Rule["check"] {
  return forPods(perContainer((container) => isUnset(value(container)) && problem));
}

/** Zero is how Kubernetes writes that nothing is demanded. */
function isUnset(quantity: unknown): boolean {
  return quantity === undefined || /^0+[a-zA-Z]*$/.test(String(quantity));
}

function hostMounts(isBad: (path: string, readOnly: boolean) => boolean, problem: string): Rule["check"] {
  return (manifest) => {
    const pod = podTemplateOf(manifest) ?? {};
    return allContainers(pod).flatMap((container) =>
      (container.volumeMounts ?? []).flatMap(({ name, readOnly = false }) => {
        const path = hostPath(pod, name);
        return path !== undefined && isBad(path, readOnly) ? [`${containerName(container)} ${problem} ${path}`] : [];
      }),
    );
  };
}

function hostPath(pod: PodTemplate, volume: string | undefined): string | undefined {
  return pod.spec?.volumes?.find(({ name }) => name === volume)?.hostPath?.path;
}
