import { z } from "zod";
import { dnsLabel, dnsName, hostName, ownNamespace, port } from "./values";

// The EndpointSlice of a proxy holds addresses of one family.
const address = z.ipv4().meta({ allowed: "an IPv4 address", examples: ["203.0.113.7"] });

const proxy = z.strictObject({
  addresses: z.array(address).min(1).meta({ description: "Addresses of the servers behind it." }),
  port: port.meta({ description: "Port of those servers." }),
  ingressName: dnsLabel.meta({ description: "Name of the Ingress.", examples: ["compass-ingress"] }),
  hosts: z
    .array(
      z.strictObject({
        host: hostName.meta({ description: "Host name that clients use." }),
        tlsSecretName: dnsName.meta({ description: "Secret that holds its certificate." }),
      }),
    )
    .min(1)
    .meta({ description: "Host names that lead to it." }),
});

const compassSecret = "compass-ingress-secret";

/** Doors of the cluster to servers of OSS Compass outside of it. */
export const compassProxies = z
  .strictObject({
    enabled: z.boolean().default(false).meta({ description: "Install them. OpenChecker itself does not need them." }),
    namespace: ownNamespace.default("compass").meta({ description: "Namespace of the proxies.", source: "upstream" }),
    proxies: z
      .record(dnsLabel, proxy)
      .default({
        "compass-proxy": {
          addresses: ["106.12.68.99"],
          port: 80,
          ingressName: "compass-ingress",
          hosts: [{ host: "oss-compass.org", tlsSecretName: compassSecret }],
        },
        "compass-insight-org-proxy": {
          addresses: ["49.0.253.31"],
          port: 8788,
          ingressName: "compass-insight-org-ingress",
          hosts: [{ host: "insight.oss-compass.org", tlsSecretName: compassSecret }],
        },
        "compass-insight-proxy": {
          addresses: ["49.0.253.31"],
          port: 8788,
          ingressName: "compass-insight-ingress",
          hosts: [
            { host: "oss-compass-insight.openatom.cn", tlsSecretName: "insight-compass-ingress-secret" },
            { host: "insight.compass.gitee.com", tlsSecretName: "insight-compass-gitee-com-ingress-secret" },
          ],
        },
      })
      .meta({
        description: "The proxies by the name of their Service. A stack that sets any replaces all of these.",
        source: "upstream",
      }),
  })
  .meta({ description: "Proxies to servers of OSS Compass outside the cluster." });
