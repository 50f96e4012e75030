import type { Fields, Manifest } from "../../../policy/manifest";

/** An example of what a rule is about: objects that break it and objects like them that keep to it. */
export interface Example {
  readonly rule: string;
  readonly failing: readonly Manifest[];
  readonly passing: readonly Manifest[];
}

export const NAMESPACE = "shop";
const SELECTOR = { app: "web" };
export const LABELS = {
  "app.kubernetes.io/name": "web",
  "app.kubernetes.io/instance": "web",
  "app.kubernetes.io/component": "server",
  "app.kubernetes.io/part-of": "shop",
  "app.kubernetes.io/managed-by": "pulumi",
};

/** An object in the namespace of all examples. */
export function object(apiVersion: string, kind: string, name: string, fields: Fields = {}): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE, labels: LABELS }, ...fields };
}

/** An object without a namespace. */
export function clusterObject(apiVersion: string, kind: string, name: string, fields: Fields = {}): Manifest {
  return { apiVersion, kind, metadata: { name, labels: LABELS }, ...fields };
}

export function namespace(labels: Readonly<Record<string, string>> = {}): Manifest {
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: NAMESPACE, labels: { ...LABELS, ...restricted, ...labels } },
  };
}

/** A container that no rule objects to, with the fields given instead of its own. */
export function container(fields: Fields = {}): Fields {
  const probe = { httpGet: { path: "/healthz", port: "http" } };
  return {
    name: "web",
    image: "registry.example.com/shop/web:1.2.3",
    ports: [{ name: "http", containerPort: 8080 }],
    livenessProbe: probe,
    readinessProbe: probe,
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    securityContext: hardened(),
    ...fields,
  };
}

/** A container's security context that no rule objects to. */
export function hardened(fields: Fields = {}): Fields {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    ...fields,
  };
}

/** A pod that no rule objects to. */
export function podSpec(fields: Fields = {}): Fields {
  return {
    serviceAccountName: "web",
    automountServiceAccountToken: false,
    securityContext: podSecurity(),
    containers: [container()],
    ...fields,
  };
}

/** A pod's security context that no rule objects to. */
export function podSecurity(fields: Fields = {}): Fields {
  return {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    seccompProfile: { type: "RuntimeDefault" },
    ...fields,
  };
}

/** A Deployment that no rule objects to, with a pod or fields of its spec to replace. */
export function deployment(pod: Fields = podSpec(), spec: Fields = {}): Manifest {
  return object("apps/v1", "Deployment", "web", {
    spec: { selector: { matchLabels: SELECTOR }, template: { metadata: { labels: SELECTOR }, spec: pod }, ...spec },
  });
}

/** A Deployment of one container with the fields given. */
export function deploymentOf(fields: Fields): Manifest {
  return deployment(podSpec({ containers: [container(fields)] }));
}

/** A Deployment of one container with this security context. */
export function deploymentWith(securityContext: Fields): Manifest {
  return deploymentOf({ securityContext: hardened(securityContext) });
}

/** A Deployment whose container mounts one volume. */
export function deploymentMounting(volume: Fields, readOnly = false): Manifest {
  const volumeMounts = [{ name: "data", mountPath: "/data", readOnly }];
  return deployment(podSpec({ containers: [container({ volumeMounts })], volumes: [{ name: "data", ...volume }] }));
}

export function service(spec: Fields = {}, name = "web"): Manifest {
  return object("v1", "Service", name, {
    spec: { selector: SELECTOR, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
  });
}

export function ingress(host = "shop.example.com", spec: Fields = {}, name = "web"): Manifest {
  const backend = { service: { name: "web", port: { name: "http" } } };
  return object("networking.k8s.io/v1", "Ingress", name, {
    spec: {
      ingressClassName: "public",
      tls: [{ hosts: [host], secretName: "shop-tls" }],
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      ...spec,
    },
  });
}

export function networkPolicy(spec: Fields = {}, name = "web"): Manifest {
  return object("networking.k8s.io/v1", "NetworkPolicy", name, {
    spec: { podSelector: { matchLabels: SELECTOR }, policyTypes: ["Ingress", "Egress"], ...spec },
  });
}

export function serviceAccount(fields: Fields = {}): Manifest {
  return object("v1", "ServiceAccount", "web", fields);
}

export function budget(spec: Fields = {}): Manifest {
  return object("policy/v1", "PodDisruptionBudget", "web", {
    spec: { selector: { matchLabels: SELECTOR }, unhealthyPodEvictionPolicy: "AlwaysAllow", ...spec },
  });
}

export function autoscaler(target: Fields = {}): Manifest {
  return object("autoscaling/v2", "HorizontalPodAutoscaler", "web", {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web", ...target },
      minReplicas: 2,
      maxReplicas: 5,
    },
  });
}

export function job(spec: Fields = {}): Manifest {
  return object("batch/v1", "Job", "web", {
    spec: {
      ttlSecondsAfterFinished: 600,
      template: { metadata: { labels: SELECTOR }, spec: { ...podSpec(), restartPolicy: "Never" } },
      ...spec,
    },
  });
}

export function role(rules: readonly Fields[]): Manifest {
  return object("rbac.authorization.k8s.io/v1", "Role", "web", { rules });
}

export function roleBinding(fields: Fields = {}): Manifest {
  return object("rbac.authorization.k8s.io/v1", "RoleBinding", "web", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "web" },
    subjects: [{ kind: "ServiceAccount", name: "web", namespace: NAMESPACE }],
    ...fields,
  });
}

/** Prefers a node without a pod of the same Deployment. */
export const ANTI_AFFINITY: Fields = {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: SELECTOR } },
      },
    ],
  },
};

/** A small stack that no rule objects to. */
export function goodStack(): Manifest[] {
  return [
    namespace(),
    networkPolicy({ podSelector: {} }, "default-deny"),
    networkPolicy({ ingress: [{ ports: [{ port: "http" }] }], egress: [{ ports: [{ port: 443 }] }] }),
    serviceAccount(),
    deployment(podSpec({ affinity: ANTI_AFFINITY })),
    autoscaler(),
    budget({ maxUnavailable: 1 }),
    service(),
    ingress(),
  ];
}
