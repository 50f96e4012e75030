import { z } from "zod";
import { certificateOrigins, sourcesOfIngress } from "./exposure";
import { authorityText } from "./types/pem";
import { annotations, cidr, ipAddress } from "./values";

const allowedSources = z.array(cidr).exactOptional().meta({
  description: "Client address ranges that are let in; absent: all.",
});

const nodePort = z.int().min(30000).max(32767);

const { issuer, secret, selfMade, none } = certificateOrigins;

/** Nodes and builds have to trust the certificate, whoever made it. */
const authority = {
  certificateAuthority: authorityText(
    "Authority behind the certificate; absent: a public one, or with the certificate of K-PaaS that one's.",
  ).exactOptional(),
};

const ingressTls = z
  .discriminatedUnion("from", [issuer.extend(authority), secret.extend(authority), selfMade, none])
  .meta({ description: "Where the certificate of the host comes from." });

const tls = z
  .discriminatedUnion("from", [
    none,
    secret.extend(authority),
    z.strictObject({
      from: z.literal("selfMade").meta({ description: "The platform's own authority signs the certificate." }),
    }),
  ])
  .prefault({ from: "none" })
  .meta({ description: "Where nginx takes its certificate from.", source: "seed" });

/** How the outside reaches Harbor. */
export const harborExposure = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("nodePort").meta({ description: "A port on every node." }),
      httpPort: nodePort.default(30002).meta({ description: "The port for HTTP.", source: "seed" }),
      httpsPort: nodePort.default(30003).meta({ description: "The port for HTTPS, with TLS.", source: "upstream" }),
      tls,
    }),
    z.strictObject({
      type: z.literal("loadBalancer").meta({ description: "An address of the cloud's load balancer." }),
      address: ipAddress.exactOptional().meta({ description: "Address to ask for; absent: the cloud chooses." }),
      allowedSources,
      annotations: annotations.exactOptional().meta({
        description: "Annotations of the Service, for the cloud's load balancer controller.",
      }),
      tls,
    }),
    z.strictObject({
      type: z.literal("clusterIp").meta({ description: "Inside the cluster, or behind a proxy of your own." }),
      clients: z.array(cidr).default([]).meta({
        description: "Address ranges of the pods, nodes or the proxy that may connect; empty: nobody.",
      }),
      tls,
    }),
    z.strictObject({
      type: z.literal("ingress").meta({ description: "The host name at the ingress controller, without nginx." }),
      tls: ingressTls,
      annotations: annotations.exactOptional().meta({
        description: "Further annotations of the Ingress; they win over the program's own.",
      }),
      allowedSources: sourcesOfIngress,
    }),
  ])
  .prefault({ type: "nodePort" })
  .meta({ description: "How clients and nodes reach Harbor.", source: "seed" });
