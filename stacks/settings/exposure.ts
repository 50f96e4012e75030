import { z } from "zod";
import { annotations, cidr, dnsName, hostName } from "./values";

const allowedSources = z.array(cidr).exactOptional().meta({
  description: "Client address ranges that are let in; absent: all.",
});

/** Of an ingress, which compares them with the address that the controller sees. */
export const sourcesOfIngress = allowedSources.meta({
  description:
    "Client address ranges that are let in; absent: all. The ingress controller must see the clients' own addresses: docs/real-cluster.md says how.",
});

/** Where the certificate of an ingress host may come from, one by one. */
export const certificateOrigins = {
  issuer: z.strictObject({
    from: z.literal("issuer").meta({ description: "cert-manager makes the certificate." }),
    issuer: dnsName.meta({ description: "Name of the ClusterIssuer.", examples: ["letsencrypt-dns01"] }),
    secretName: dnsName.exactOptional().meta({
      description: "Secret that cert-manager writes; absent: derived from the host.",
    }),
  }),
  secret: z.strictObject({
    from: z.literal("secret").meta({ description: "Somebody puts the certificate into the namespace." }),
    secretName: dnsName.meta({ description: "Secret of the type kubernetes.io/tls that holds the certificate." }),
  }),
  selfMade: z.strictObject({
    from: z.literal("selfMade").meta({ description: "The platform's own authority signs the certificate." }),
    secretName: dnsName.exactOptional().meta({
      description: "Secret that the platform writes; absent: derived from the host.",
    }),
  }),
  none: z.strictObject({ from: z.literal("none").meta({ description: "Plain HTTP." }) }),
};

const { issuer, secret, selfMade, none } = certificateOrigins;

/** Where the certificate of an ingress host comes from. */
export const ingressTls = z
  .discriminatedUnion("from", [issuer, secret, selfMade, none])
  .meta({ description: "Where the certificate of the host comes from." });

/** How the outside reaches a web service. */
export const exposure = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("clusterIp").meta({ description: "Inside the cluster only." }) }),
  z.strictObject({
    type: z.literal("nodePort").meta({ description: "A port on every node." }),
    nodePort: z.int().min(30000).max(32767).exactOptional().meta({
      description: "The port; absent: Kubernetes chooses one.",
    }),
  }),
  z.strictObject({
    type: z.literal("loadBalancer").meta({ description: "An address of the cloud's load balancer." }),
    allowedSources,
    annotations: annotations.exactOptional().meta({
      description: "Annotations of the Service, for the cloud's load balancer controller.",
    }),
  }),
  z.strictObject({
    type: z.literal("ingress").meta({ description: "A host name at the ingress controller." }),
    host: hostName.meta({ description: "Host name that clients use." }),
    tls: ingressTls,
    annotations: annotations.exactOptional().meta({
      description: "Further annotations of the Ingress; they win over the program's own.",
    }),
    allowedSources: sourcesOfIngress,
  }),
]);
