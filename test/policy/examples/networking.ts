import { deployment, deploymentOf, type Example, ingress, namespace, networkPolicy, object, service } from "./objects";

const defaultDeny = networkPolicy({ podSelector: {} }, "default-deny");
const monitor = (app: string) =>
  object("monitoring.coreos.com/v1", "ServiceMonitor", "web", {
    spec: { selector: { matchLabels: { "app.kubernetes.io/name": app } }, endpoints: [{ port: "http" }] },
  });

const withBuffers = (buffers: Readonly<Record<string, string>>) => {
  const { metadata, ...rest } = ingress();
  const annotations = Object.entries(buffers).map(([name, value]) => [
    `nginx.ingress.kubernetes.io/proxy-${name}`,
    value,
  ]);
  return { ...rest, metadata: { ...metadata, annotations: Object.fromEntries(annotations) } };
};

export const networkingExamples: readonly Example[] = [
  {
    rule: "non-isolated-pod",
    failing: [deployment(), networkPolicy({ podSelector: { matchLabels: { app: "other" } } })],
    passing: [deployment(), networkPolicy()],
  },
  {
    rule: "non-isolated-pod",
    failing: [deployment(), networkPolicy({ policyTypes: undefined })],
    passing: [deployment(), networkPolicy({ policyTypes: undefined, egress: [{}] })],
  },
  {
    rule: "missing-default-deny",
    failing: [namespace(), deployment(), networkPolicy()],
    passing: [namespace(), deployment(), defaultDeny],
  },
  {
    rule: "allow-all-network-policy",
    failing: [networkPolicy({ egress: [{}] })],
    passing: [networkPolicy({ egress: [{ ports: [{ port: 443 }] }] }), defaultDeny],
  },
  {
    rule: "dangling-networkpolicy",
    failing: [deployment(), networkPolicy({ podSelector: { matchLabels: { app: "other" } } })],
    passing: [deployment(), networkPolicy(), defaultDeny],
  },
  {
    rule: "dangling-networkpolicypeer-podselector",
    failing: [
      deployment(),
      networkPolicy({ ingress: [{ from: [{ podSelector: { matchLabels: { app: "other" } } }] }] }),
    ],
    passing: [
      deployment(),
      networkPolicy({
        ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }],
        egress: [{ to: [{ podSelector: { matchLabels: { app: "other" } }, namespaceSelector: {} }] }],
      }),
    ],
  },
  {
    rule: "dangling-service",
    failing: [deployment(), service({ selector: { app: "other" } }), service({ selector: undefined }, "bare")],
    passing: [deployment(), service(), service({ type: "ExternalName", externalName: "example.com" }, "outside")],
  },
  {
    rule: "dangling-target-port",
    failing: [deployment(), service({ ports: [{ port: 80, targetPort: "metrics" }] })],
    passing: [deployment(), service({ ports: [{ port: 80, targetPort: 8080 }, { port: 8080 }] })],
  },
  {
    rule: "invalid-target-ports",
    failing: [
      service({ ports: [{ port: 80, targetPort: "a_wrong_name" }] }),
      service({ ports: [{ port: 80, targetPort: 70000 }] }),
      deploymentOf({ ports: [{ name: "UPPER", containerPort: 8080 }] }),
    ],
    passing: [deployment(), service()],
  },
  {
    rule: "exposed-services",
    failing: [service({ type: "NodePort" }), service({ type: "LoadBalancer" })],
    passing: [service({ type: "ClusterIP" }), service()],
  },
  {
    rule: "dangling-servicemonitor",
    failing: [service(), monitor("other")],
    passing: [service(), monitor("web")],
  },
  {
    rule: "dangling-ingress",
    failing: [service({}, "other"), ingress()],
    passing: [service(), ingress()],
  },
  {
    rule: "dangling-ingress",
    failing: [
      ingress("shop.example.com", { rules: [], defaultBackend: { service: { name: "x", port: { number: 1 } } } }),
    ],
    passing: [ingress("shop.example.com", { rules: [], defaultBackend: { resource: { kind: "Bucket", name: "x" } } })],
  },
  {
    rule: "tls-settings-missing",
    failing: [
      ingress("shop.example.com", { tls: undefined }),
      ingress("shop.example.com", { tls: [{ hosts: ["other.example.com"] }] }),
      ingress("a.shop.example.com", { tls: [{ hosts: ["*.example.com"] }] }),
    ],
    passing: [ingress(), ingress("shop.example.com", { tls: [{ hosts: ["*.example.com"] }] })],
  },
  {
    rule: "ingress-host-collision",
    failing: [ingress(), ingress("shop.example.com", {}, "second")],
    passing: [ingress(), ingress("blog.example.com", {}, "second")],
  },
  {
    rule: "ingress-class",
    failing: [ingress("shop.example.com", { ingressClassName: undefined })],
    passing: [ingress()],
  },
  ...[
    { "buffer-size": "16k" },
    { "buffer-size": "16k", "busy-buffers-size": "8k" },
    { "buffer-size": "16k", "busy-buffers-size": "64k" },
    { "buffer-size": "16k", "busy-buffers-size": "32k", "buffers-number": "2" },
    { "buffer-size": "large", "busy-buffers-size": "32k" },
  ].map((buffers) => ({
    rule: "ingress-nginx-buffers",
    failing: [withBuffers(buffers)],
    passing: [ingress(), withBuffers({ "buffer-size": "16k", "busy-buffers-size": "32k" })],
  })),
];
