import {
  container,
  deployment,
  deploymentMounting,
  deploymentOf,
  deploymentWith,
  type Example,
  job,
  podSpec,
} from "./objects";

const good = [deployment()];
const requests = { cpu: "100m", memory: "128Mi" };
const limits = { memory: "256Mi" };

export const containerExamples: readonly Example[] = [
  {
    rule: "no-read-only-root-fs",
    failing: [deploymentWith({ readOnlyRootFilesystem: false }), deploymentOf({ securityContext: undefined })],
    passing: good,
  },
  {
    rule: "drop-net-raw-capability",
    failing: [
      deploymentWith({ capabilities: { drop: ["CHOWN"] } }),
      deploymentWith({ capabilities: { drop: ["ALL"], add: ["NET_RAW"] } }),
    ],
    passing: [deploymentWith({ capabilities: { drop: ["NET_RAW"] } })],
  },
  {
    rule: "docker-sock",
    failing: [deploymentMounting({ hostPath: { path: "/var/run/docker.sock" } })],
    passing: [deploymentMounting({ hostPath: { path: "/var/run/other" } })],
  },
  {
    rule: "sensitive-host-mounts",
    failing: [deploymentMounting({ hostPath: { path: "/" } }), deploymentMounting({ hostPath: { path: "/etc" } })],
    passing: [deploymentMounting({ hostPath: { path: "/srv/data" } })],
  },
  {
    rule: "writable-host-mount",
    failing: [deploymentMounting({ hostPath: { path: "/srv" } })],
    passing: [deploymentMounting({ hostPath: { path: "/srv" } }, true)],
  },
  {
    rule: "ssh-port",
    failing: [deploymentOf({ ports: [{ containerPort: 22, protocol: "TCP" }] })],
    passing: [deploymentOf({ ports: [{ containerPort: 22, protocol: "UDP" }] })],
  },
  {
    rule: "unset-cpu-requirements",
    failing: [
      deploymentOf({ resources: { requests: { memory: "128Mi" }, limits } }),
      deploymentOf({ resources: { requests: { cpu: "0", memory: "128Mi" }, limits } }),
    ],
    passing: good,
  },
  {
    rule: "unset-memory-requirements",
    failing: [
      deploymentOf({ resources: { requests } }),
      deployment(podSpec({ initContainers: [container({ name: "prepare", resources: undefined })] })),
    ],
    passing: good,
  },
  {
    rule: "memory-requests-missing",
    failing: [deploymentOf({ resources: { requests: { cpu: "100m" }, limits } })],
    passing: good,
  },
  {
    rule: "duplicate-env-var",
    failing: [
      deploymentOf({
        env: [
          { name: "MODE", value: "a" },
          { name: "MODE", value: "b" },
        ],
      }),
    ],
    passing: [deploymentOf({ env: [{ name: "MODE", value: "a" }] })],
  },
  {
    rule: "latest-tag",
    failing: [
      "registry.example.com/web:latest",
      "registry.example.com/web",
      "registry.example.com:5000/web",
      "registry.example.com/web:stable",
      "web",
    ].map((image) => deploymentOf({ image })),
    passing: [
      "registry.example.com/web:1.2.3",
      "registry.example.com:5000/web:1.2.3",
      `registry.example.com/web@sha256:${"0".repeat(64)}`,
    ].map((image) => deploymentOf({ image })),
  },
  {
    rule: "image-registry",
    failing: [deploymentOf({ image: "shop/web:1.2.3" }), deploymentOf({ image: "web:1.2.3" })],
    passing: [deploymentOf({ image: "localhost/web:1.2.3" }), deploymentOf({ image: "mirror:5000/web:1.2.3" })],
  },
  {
    rule: "no-liveness-probe",
    failing: [deploymentOf({ livenessProbe: undefined })],
    passing: [...good, job({ template: { spec: podSpec({ containers: [container({ livenessProbe: undefined })] }) } })],
  },
  { rule: "no-readiness-probe", failing: [deploymentOf({ readinessProbe: undefined })], passing: good },
  {
    rule: "liveness-port",
    failing: [deploymentOf({ livenessProbe: { httpGet: { path: "/", port: 9090 } } })],
    passing: [deploymentOf({ livenessProbe: { tcpSocket: { port: 8080 } } })],
  },
  {
    rule: "readiness-port",
    failing: [deploymentOf({ readinessProbe: { tcpSocket: { port: "admin" } } })],
    passing: [deploymentOf({ readinessProbe: { exec: { command: ["true"] } } })],
  },
  {
    rule: "startup-port",
    failing: [deploymentOf({ startupProbe: { grpc: { port: 9090 } } })],
    passing: [deploymentOf({ startupProbe: { grpc: { port: 8080 } } })],
  },
];
