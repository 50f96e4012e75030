import { effective, perContainer } from "./pod";
import type { Control } from "./pod-security";

const URL = "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted";
const VOLUME_TYPES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** What the Pod Security level `restricted` adds to `baseline`: hardening. */
export const restrictedControls: readonly Control[] = [
  control({
    name: "pss-volume-types",
    severity: "high",
    description: "Volumes are claims, configuration, secrets or scratch space.",
    remediation: "put other storage behind a persistent volume claim",
    violations: ({ spec }) =>
      (spec?.volumes ?? []).flatMap((volume) =>
        Object.keys(volume)
          .filter((type) => type !== "name" && !VOLUME_TYPES.has(type))
          .map((type) => `volume "${volume.name}" is of the type ${type}`),
      ),
  }),
  control({
    name: "privilege-escalation-container",
    severity: "high",
    description: "No process can get more rights than its parent.",
    remediation: "set `allowPrivilegeEscalation: false`",
    violations: perContainer(
      ({ securityContext }) =>
        securityContext?.allowPrivilegeEscalation !== false && "does not set allowPrivilegeEscalation to false",
    ),
    beyondStandard: perContainer(
      ({ securityContext: { allowPrivilegeEscalation, privileged, capabilities } = {} }) =>
        allowPrivilegeEscalation === false &&
        (privileged === true || (capabilities?.add ?? []).includes("SYS_ADMIN")) &&
        "gets all rights by being privileged or by the capability SYS_ADMIN",
    ),
  }),
  control({
    name: "run-as-non-root",
    severity: "high",
    description: "The kubelet refuses to start a container as root.",
    remediation: "set `runAsNonRoot: true` and a numeric `runAsUser` and `runAsGroup` above 0",
    violations: perContainer(
      (container, pod) => effective(pod, container, "runAsNonRoot") !== true && "does not set runAsNonRoot to true",
    ),
    beyondStandard: perContainer((container, pod) => {
      if (effective(pod, container, "runAsUser") === 0) return "runs as the user root";
      return effective(pod, container, "runAsGroup") === 0 && "runs with the group root";
    }),
  }),
  control({
    name: "pss-run-as-user",
    severity: "high",
    description: "No user is set to root.",
    remediation: "set `runAsUser` to the numeric user of the image",
    violations: (pod) => [
      ...(pod.spec?.securityContext?.runAsUser === 0 ? ["the pod runs as root"] : []),
      ...perContainer(({ securityContext }) => securityContext?.runAsUser === 0 && "runs as root")(pod),
    ],
  }),
  control({
    name: "pss-seccomp",
    severity: "high",
    description: "A seccomp profile is in force.",
    remediation: "set `seccompProfile.type: RuntimeDefault` in the pod's security context",
    violations: perContainer(
      (container, pod) =>
        !["RuntimeDefault", "Localhost"].includes(effective(pod, container, "seccompProfile")?.type ?? "") &&
        "has no seccomp profile",
    ),
  }),
  control({
    name: "pss-restricted-capabilities",
    severity: "high",
    description: "Containers drop all capabilities and add at most NET_BIND_SERVICE.",
    remediation: "set `capabilities.drop: [ALL]` and remove what is added",
    violations: perContainer(({ securityContext }) => {
      const { add = [], drop = [] } = securityContext?.capabilities ?? {};
      const extra = add.filter((name) => name !== "NET_BIND_SERVICE");
      if (extra.length > 0) return `adds the capabilities ${extra.join(", ")}`;
      return !drop.includes("ALL") && "does not drop all capabilities";
    }),
  }),
];

function control(fields: Omit<Control, "level" | "url">): Control {
  return { ...fields, level: "restricted", url: URL };
}
