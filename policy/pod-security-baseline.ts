import { type PodTemplate, perContainer, type SecurityContext } from "./pod";
import type { Control } from "./pod-security";

const URL = "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline";
const CAPABILITIES = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);
const SYSCTLS = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);
/** kube-linter objects to all of these groups, the safe members included. */
const SYSCTL_GROUPS = ["kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.", "net."];
const SELINUX_TYPES = new Set(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]);
const APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

/** The controls of the Pod Security level `baseline`: known ways out of a container. */
export const baselineControls: readonly Control[] = [
  hostNamespace("host-network", "hostNetwork", "network"),
  hostNamespace("host-pid", "hostPID", "process"),
  hostNamespace("host-ipc", "hostIPC", "IPC"),
  control({
    name: "privileged-container",
    severity: "critical",
    description: "No container is privileged.",
    remediation: "remove `privileged`; add the one capability that is needed instead",
    violations: perContainer(({ securityContext }) => securityContext?.privileged === true && "is privileged"),
  }),
  control({
    name: "pss-host-process",
    severity: "critical",
    description: "No Windows container runs as a host process.",
    remediation: "remove `windowsOptions.hostProcess`",
    violations: perSecurityContext(({ windowsOptions }) => windowsOptions?.hostProcess === true && "is a host process"),
  }),
  control({
    name: "pss-baseline-capabilities",
    severity: "high",
    description: "Containers add no capability beyond those a container runtime gives by default.",
    remediation: "remove the capability, or move what needs it to a pod of its own",
    violations: perContainer(({ securityContext }) => {
      const extra = (securityContext?.capabilities?.add ?? []).filter((name) => !CAPABILITIES.has(name));
      return extra.length > 0 && `adds the capabilities ${extra.join(", ")}`;
    }),
  }),
  control({
    name: "pss-host-path-volumes",
    severity: "high",
    description: "No volume is a directory of the node.",
    remediation: "use a persistent volume claim or an emptyDir",
    violations: (pod) =>
      (pod.spec?.volumes ?? [])
        .filter(({ hostPath }) => hostPath !== undefined)
        .map(({ name, hostPath }) => `volume "${name}" is the node's directory ${hostPath?.path}`),
  }),
  control({
    name: "pss-host-ports",
    severity: "high",
    description: "No container takes a port of the node.",
    remediation: "remove `hostPort`; expose the pod through a Service",
    violations: perContainer(({ ports = [] }) => {
      const taken = ports.filter(({ hostPort = 0 }) => hostPort !== 0).map(({ hostPort }) => hostPort);
      return taken.length > 0 && `takes the node's ports ${taken.join(", ")}`;
    }),
  }),
  control({
    name: "pss-host-probes",
    severity: "high",
    description: "Probes and lifecycle hooks call the pod itself, not another host.",
    remediation: "remove `host` from the probe or hook",
    violations: perContainer((container) => {
      const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
      const handlers = { livenessProbe, readinessProbe, startupProbe, ...lifecycle };
      const named = Object.entries(handlers)
        .filter(([, handler]) => (handler?.httpGet?.host ?? handler?.tcpSocket?.host ?? "") !== "")
        .map(([name]) => name);
      return named.length > 0 && `names a host in ${named.join(", ")}`;
    }),
  }),
  control({
    name: "pss-apparmor",
    severity: "high",
    description: "The AppArmor profile is the runtime's default or a profile of the node.",
    remediation: "use the type `RuntimeDefault` or `Localhost`, or leave the profile out",
    violations: (pod) => [
      ...perSecurityContext(
        ({ appArmorProfile }) => appArmorProfile?.type === "Unconfined" && "has no AppArmor profile",
      )(pod),
      ...Object.entries(pod.metadata?.annotations ?? {})
        .filter(
          ([key, value]) => key.startsWith(APPARMOR_ANNOTATION) && !/^(runtime\/default|localhost\/.*|)$/.test(value),
        )
        .map(([key]) => `container "${key.slice(APPARMOR_ANNOTATION.length)}" has no AppArmor profile`),
    ],
  }),
  control({
    name: "pss-selinux",
    severity: "high",
    description: "SELinux users, roles and types are those of ordinary containers.",
    remediation: "remove `seLinuxOptions.user`, `role` and any type that is not `container_…_t`",
    violations: perSecurityContext(
      ({ seLinuxOptions: { user = "", role = "", type = "" } = {} }) =>
        (user !== "" || role !== "" || !SELINUX_TYPES.has(type)) && "sets special SELinux options",
    ),
  }),
  control({
    name: "unsafe-proc-mount",
    severity: "high",
    description: "`/proc` is masked as usual.",
    remediation: "remove `procMount`",
    violations: perContainer(
      ({ securityContext }) => (securityContext?.procMount ?? "Default") !== "Default" && "sees an unmasked /proc",
    ),
  }),
  control({
    name: "pss-seccomp-unconfined",
    severity: "high",
    description: "The seccomp profile is never switched off.",
    remediation: "use the type `RuntimeDefault`",
    violations: perSecurityContext(
      ({ seccompProfile }) => seccompProfile?.type === "Unconfined" && "has its seccomp profile switched off",
    ),
  }),
  control({
    name: "unsafe-sysctls",
    severity: "high",
    description: "No kernel setting of the pod can harm its neighbours.",
    remediation: "remove the setting, or apply it to the nodes",
    violations: (pod) => sysctls(pod, (name) => !SYSCTLS.has(name)),
    beyondStandard: (pod) =>
      sysctls(pod, (name) => SYSCTLS.has(name) && SYSCTL_GROUPS.some((group) => name.startsWith(group))),
  }),
];

function control(fields: Omit<Control, "level" | "url">): Control {
  return { ...fields, level: "baseline", url: URL };
}

function hostNamespace(name: string, field: "hostNetwork" | "hostPID" | "hostIPC", which: string): Control {
  return control({
    name,
    severity: "critical",
    description: `Pods do not share the ${which} namespace of their node.`,
    remediation: `remove \`${field}\``,
    violations: ({ spec }) => (spec?.[field] === true ? [`shares the ${which} namespace of its node`] : []),
  });
}

/** A control of settings that the pod and its containers can have; `false` says that all is well. */
function perSecurityContext(check: (context: SecurityContext) => string | false): (pod: PodTemplate) => string[] {
  return (pod) => {
    const own = check(pod.spec?.securityContext ?? {});
    return [
      ...(own === false ? [] : [`the pod ${own}`]),
      ...perContainer((each) => check(each.securityContext ?? {}))(pod),
    ];
  };
}

function sysctls(pod: PodTemplate, isBad: (name: string) => boolean): string[] {
  return (pod.spec?.securityContext?.sysctls ?? [])
    .filter(({ name = "" }) => isBad(name))
    .map(({ name }) => `sets the kernel setting ${name}`);
}
