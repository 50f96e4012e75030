import {
  deployment,
  deploymentMounting,
  deploymentOf,
  deploymentWith,
  type Example,
  namespace,
  podSecurity,
  podSpec,
} from "./objects";

const good = [deployment()];

export const podSecurityExamples: readonly Example[] = [
  { rule: "host-network", failing: [deployment(podSpec({ hostNetwork: true }))], passing: good },
  { rule: "host-pid", failing: [deployment(podSpec({ hostPID: true }))], passing: good },
  { rule: "host-ipc", failing: [deployment(podSpec({ hostIPC: true }))], passing: good },
  {
    rule: "privileged-container",
    failing: [deploymentWith({ privileged: true })],
    passing: [deploymentWith({ privileged: false })],
  },
  {
    rule: "pss-host-process",
    failing: [deployment(podSpec({ securityContext: podSecurity({ windowsOptions: { hostProcess: true } }) }))],
    passing: good,
  },
  {
    rule: "pss-baseline-capabilities",
    failing: [deploymentWith({ capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } })],
    passing: [deploymentWith({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } })],
  },
  {
    rule: "pss-host-path-volumes",
    failing: [deploymentMounting({ hostPath: { path: "/srv" } })],
    passing: [deploymentMounting({ emptyDir: {} })],
  },
  {
    rule: "pss-host-ports",
    failing: [deploymentOf({ ports: [{ name: "http", containerPort: 8080, hostPort: 8080 }] })],
    passing: [deploymentOf({ ports: [{ name: "http", containerPort: 8080, hostPort: 0 }] })],
  },
  {
    rule: "pss-host-probes",
    failing: [
      deploymentOf({ livenessProbe: { httpGet: { host: "metadata.internal", path: "/", port: "http" } } }),
      deploymentOf({ lifecycle: { preStop: { httpGet: { host: "10.0.0.1", port: 80 } } } }),
    ],
    passing: good,
  },
  {
    rule: "pss-apparmor",
    failing: [
      deploymentWith({ appArmorProfile: { type: "Unconfined" } }),
      deployment(podSpec(), {
        template: {
          metadata: {
            labels: { app: "web" },
            annotations: { "container.apparmor.security.beta.kubernetes.io/web": "unconfined" },
          },
          spec: podSpec(),
        },
      }),
    ],
    passing: [deploymentWith({ appArmorProfile: { type: "RuntimeDefault" } })],
  },
  {
    rule: "pss-selinux",
    failing: [
      deploymentWith({ seLinuxOptions: { type: "spc_t" } }),
      deploymentWith({ seLinuxOptions: { user: "system_u" } }),
    ],
    passing: [deploymentWith({ seLinuxOptions: { type: "container_t", level: "s0:c1,c2" } })],
  },
  {
    rule: "unsafe-proc-mount",
    failing: [deploymentWith({ procMount: "Unmasked" })],
    passing: [deploymentWith({ procMount: "Default" })],
  },
  {
    rule: "pss-seccomp-unconfined",
    failing: [deployment(podSpec({ securityContext: podSecurity({ seccompProfile: { type: "Unconfined" } }) }))],
    passing: good,
  },
  {
    rule: "unsafe-sysctls",
    failing: [
      deployment(podSpec({ securityContext: podSecurity({ sysctls: [{ name: "kernel.msgmax", value: "65536" }] }) })),
      deployment(podSpec({ securityContext: podSecurity({ sysctls: [{ name: "vm.max_map_count", value: "1" }] }) })),
    ],
    passing: good,
  },
  {
    rule: "pss-volume-types",
    failing: [deploymentMounting({ nfs: { server: "nfs.example.com", path: "/" } })],
    passing: [deploymentMounting({ persistentVolumeClaim: { claimName: "data" } })],
  },
  {
    rule: "privilege-escalation-container",
    failing: [deploymentWith({ allowPrivilegeEscalation: true }), deploymentOf({ securityContext: {} })],
    passing: good,
  },
  {
    rule: "run-as-non-root",
    failing: [
      deployment(podSpec({ securityContext: {} })),
      deploymentWith({ runAsNonRoot: false }),
      deployment(podSpec({ securityContext: podSecurity({ runAsGroup: 0 }) })),
    ],
    passing: good,
  },
  {
    rule: "pss-run-as-user",
    failing: [
      deployment(podSpec({ securityContext: podSecurity({ runAsUser: 0 }) })),
      deploymentWith({ runAsUser: 0 }),
    ],
    passing: good,
  },
  {
    rule: "pss-seccomp",
    failing: [deployment(podSpec({ securityContext: podSecurity({ seccompProfile: undefined }) }))],
    passing: [
      deployment(
        podSpec({ securityContext: podSecurity({ seccompProfile: { type: "Localhost", localhostProfile: "web" } }) }),
      ),
    ],
  },
  {
    rule: "pss-restricted-capabilities",
    failing: [
      deploymentWith({ capabilities: {} }),
      deploymentWith({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } }),
    ],
    passing: [deploymentWith({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } })],
  },
  {
    rule: "pod-security-labels",
    failing: [namespace({ "pod-security.kubernetes.io/enforce": "strict" })],
    passing: [namespace()],
  },
  {
    rule: "pod-security-restricted",
    failing: [namespace({ "pod-security.kubernetes.io/enforce": "baseline" })],
    passing: [namespace()],
  },
  {
    rule: "pod-security-level",
    failing: [
      namespace({ "pod-security.kubernetes.io/enforce": "baseline" }),
      deployment(podSpec({ hostNetwork: true })),
    ],
    passing: [
      namespace({ "pod-security.kubernetes.io/enforce": "baseline" }),
      deployment(podSpec({ securityContext: {} })),
    ],
  },
];
