/** Namespace of the sandboxes. */
export const SANDBOXES = "openhands-runtime";

/** What the runtime makes for a conversation, in its order. */
export function conversation(id: string) {
  const name = `openhands-runtime-${id}`;
  const metadata = (suffix: string) => ({ name: `${name}${suffix}`, namespace: SANDBOXES });
  const service = (suffix: string, port: number, target: string) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(suffix),
    spec: {
      selector: { app: "openhands-runtime", session: id },
      type: "ClusterIP",
      ports: [{ port, targetPort: target, name: target }],
    },
  });
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: metadata("-pvc"),
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
  };
  const host = `${id}.code.example.org`;
  const ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      ...metadata("-ingress-code"),
      annotations: { "external-dns.alpha.kubernetes.io/hostname": host },
    },
    spec: {
      tls: [{ hosts: [host], secretName: "openhands-sandbox-tls" }],
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: `${name}-svc-code`, port: { number: 8081 } } },
              },
            ],
          },
        },
      ],
    },
  };
  return [claim, sandboxPod(id), service("-svc", 8080, "http"), service("-svc-code", 8081, "vscode"), ingress];
}

/**
 * The pod of a conversation, with changes.
 * @param spec fields of the pod
 * @param container fields of its container
 */
export function sandboxPod(
  id: string,
  spec: Readonly<Record<string, unknown>> = {},
  container = {},
  namespace = SANDBOXES,
) {
  const name = `openhands-runtime-${id}`;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { app: "openhands-runtime", session: id } },
    spec: {
      containers: [
        {
          name: "runtime",
          image: "docker.openhands.dev/openhands/runtime:0.62-nikolaik",
          ports: [
            { containerPort: 8080, name: "http" },
            { containerPort: 8081, name: "vscode" },
          ],
          resources: { limits: { memory: "2Gi" }, requests: { cpu: "1", memory: "1Gi" } },
          securityContext: { privileged: false },
          volumeMounts: [{ name: "workspace-volume", mountPath: "/workspace" }],
          ...container,
        },
      ],
      restartPolicy: "Never",
      volumes: [{ name: "workspace-volume", persistentVolumeClaim: { claimName: `${name}-pvc` } }],
      ...spec,
    },
  };
}
