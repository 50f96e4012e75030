import { z } from "zod";
import { cidr, clusterRange, dnsLabel, dnsName, domainName, httpUrl, oneLine, podLabels, port } from "./values";

const capability = (defaultValue: boolean, description: string) =>
  z.boolean().default(defaultValue).meta({ description });

/** The cluster that the stack belongs to and what it offers. */
export const cluster = z
  .strictObject({
    context: oneLine().meta({
      description:
        "Context of the kubeconfig. Every run refuses to touch a cluster under another context; the embedded cluster is exempt.",
      allowed: "the name of a context in the kubeconfig (`kubectl config get-contexts`)",
      examples: ["platform-prod"],
    }),
    identifier: oneLine()
      .exactOptional()
      .meta({
        description:
          "What the state knows the cluster by; absent: the context. Another value means another cluster: the next `up` replaces every object. Before the context is renamed, set this to its old name.",
        examples: ["platform-prod"],
      }),
    server: httpUrl({ schemes: ["https"], calledByPods: false })
      .exactOptional()
      .meta({
        description:
          "Address of the API server; when set, the commands of this repository refuse a context that points elsewhere. A plain `pulumi up` is bound to the context only.",
        examples: ["https://10.0.0.10:6443"],
      }),
    kubeconfig: oneLine(4096)
      .exactOptional()
      .meta({
        description: "Path of the kubeconfig; absent: the environment variable KUBECONFIG, then ~/.kube/config.",
        allowed: "the path of a file",
        examples: ["./kubeconfig"],
      }),
    domain: domainName.default("cluster.local").meta({ description: "DNS domain of the cluster." }),
    podCidrs: z
      .array(clusterRange)
      .min(1)
      .default(["10.244.0.0/16"])
      .meta({ description: "Address ranges of the pods; workers cannot reach them.", source: "upstream" }),
    serviceCidrs: z
      .array(clusterRange)
      .min(1)
      .default(["10.96.0.0/12"])
      .meta({ description: "Address ranges of the Services; workers cannot reach them.", source: "upstream" }),
    apiServer: z
      .strictObject({
        cidrs: z
          .array(cidr)
          .min(1)
          .default(["0.0.0.0/0"])
          .meta({ description: "Where the API server is, for the pods that talk to it." }),
        ports: z.array(port).min(1).default([443, 6443]).meta({ description: "Ports of the API server." }),
      })
      .prefault({})
      .meta({ description: "The API server as pods see it." }),
    dns: z
      .strictObject({
        namespace: dnsLabel.default("kube-system").meta({ description: "Namespace of the cluster's DNS server." }),
        podLabels: podLabels.default({ "k8s-app": "kube-dns" }).meta({ description: "Labels that select its pods." }),
      })
      .prefault({})
      .meta({ description: "The DNS server that every pod may ask." }),
    ingress: z
      .strictObject({
        className: dnsName.default("nginx").meta({ description: "Name of the IngressClass.", source: "seed" }),
        controllerNamespace: dnsLabel
          .default("ingress-nginx")
          .meta({ description: "Namespace of the ingress controller.", source: "upstream" }),
        controllerPodLabels: podLabels
          .default({ "app.kubernetes.io/name": "ingress-nginx" })
          .meta({ description: "Labels that select its pods." }),
        controllerPorts: z
          .strictObject({
            http: port.default(80).meta({ description: "Port for HTTP.", source: "upstream" }),
            https: port.default(443).meta({ description: "Port for HTTPS.", source: "upstream" }),
          })
          .prefault({})
          .meta({
            description:
              "Ports that its pods listen on, for the platform's own pods that call public addresses: NetworkPolicy objects count these, not those of its Service.",
          }),
        awaitAddress: z.boolean().default(true).meta({
          description: "Wait until an Ingress has an address. False where the controller does not report one.",
        }),
      })
      .prefault({})
      .meta({ description: "The ingress controller." }),
    keda: z
      .strictObject({
        namespace: dnsLabel.default("keda").meta({ description: "Namespace of KEDA." }),
        podLabels: podLabels.default({ app: "keda-operator" }).meta({ description: "Labels of its operator's pods." }),
      })
      .prefault({})
      .meta({ description: "KEDA, which looks at the queue where `capabilities.keda` is true." }),
    prometheus: z
      .strictObject({
        namespace: dnsLabel.default("monitoring").meta({ description: "Namespace of Prometheus." }),
        podLabels: podLabels
          .default({ "app.kubernetes.io/name": "prometheus" })
          .meta({ description: "Labels of its pods." }),
      })
      .prefault({})
      .meta({ description: "Prometheus, which collects metrics where `capabilities.prometheusOperator` is true." }),
    capabilities: z
      .strictObject({
        certManager: capability(true, "cert-manager is installed, so certificates can come from an issuer."),
        keda: capability(false, "KEDA is installed, so workers can scale by the length of their queue."),
        prometheusOperator: capability(
          false,
          "The Prometheus operator is installed, so ServiceMonitor and PrometheusRule objects can be made.",
        ),
        networkPolicy: capability(
          true,
          "The network plugin enforces NetworkPolicy objects (Calico and Cilium do, flannel does not).",
        ),
      })
      .prefault({})
      .meta({ description: "What the cluster has installed." }),
    requestLimits: z
      .strictObject({
        queriesPerSecond: z.int().min(1).max(1000).default(50).meta({
          description: "Lasting rate of requests to the API server.",
          unit: "requests per second",
        }),
        burst: z.int().min(1).max(2000).default(120).meta({
          description: "Requests that may go out at once.",
          unit: "requests",
        }),
      })
      .prefault({})
      .meta({ description: "How fast the Kubernetes provider asks the API server." }),
  })
  .meta({ description: "The Kubernetes cluster that the stack belongs to, and what it offers." });
