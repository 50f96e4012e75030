/** The cluster's DNS, as Kubernetes' own installers set it up: CoreDNS behind the Service `kube-dns`. */

import { DNS_SERVICE_ADDRESS } from "../cluster/addresses";
import type { NodeObject } from "./objects";

const NAMESPACE = "kube-system";
const NAME = "coredns";
/** Network policies everywhere let pods ask the pods with this label. */
const LABELS = { "k8s-app": "kube-dns" };

const CONFIGURATION = `.:53 {
    errors
    health :8080
    ready :8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 5
    }
    forward . /etc/resolv.conf
    cache 5
    loop
    reload
}
`;

/** @param image reference of an image whose entrypoint is CoreDNS */
export function dnsObjects(image: string): NodeObject[] {
  const metadata = { name: NAME, namespace: NAMESPACE, labels: LABELS };
  const role = { name: "sandbox:coredns" };
  const cluster = "/apis/rbac.authorization.k8s.io/v1";
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  return [
    { path: `${core}/serviceaccounts`, object: { apiVersion: "v1", kind: "ServiceAccount", metadata } },
    {
      path: `${cluster}/clusterroles`,
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: role,
        rules: [
          { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
        ],
      },
    },
    {
      path: `${cluster}/clusterrolebindings`,
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: role,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.name },
        subjects: [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }],
      },
    },
    {
      path: `${core}/configmaps`,
      object: { apiVersion: "v1", kind: "ConfigMap", metadata, data: { Corefile: CONFIGURATION } },
    },
    {
      path: `${core}/services`,
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { ...metadata, name: "kube-dns" },
        spec: {
          clusterIP: DNS_SERVICE_ADDRESS,
          selector: LABELS,
          ports: [
            { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
            { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
          ],
        },
      },
    },
    {
      path: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`,
      object: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: LABELS },
          template: { metadata: { labels: LABELS }, spec: dnsPod(image) },
        },
      },
    },
  ];
}

function dnsPod(image: string) {
  return {
    serviceAccountName: NAME,
    // The node's own servers, to which everything outside the cluster is forwarded.
    dnsPolicy: "Default",
    priorityClassName: "system-cluster-critical",
    containers: [
      {
        name: NAME,
        image,
        args: ["-conf", "/etc/coredns/Corefile"],
        resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { memory: "170Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
          // Port 53, which policies and programs expect, is for root, or for a user with the capability in its program file.
          runAsUser: 0,
        },
        readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
        livenessProbe: { httpGet: { path: "/health", port: 8080 }, initialDelaySeconds: 30 },
        volumeMounts: [{ name: "configuration", mountPath: "/etc/coredns", readOnly: true }],
      },
    ],
    volumes: [{ name: "configuration", configMap: { name: NAME } }],
  };
}
