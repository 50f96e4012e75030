import { z } from "zod";
import { certificateText } from "./certificate-text";
import { kpaasClass, storageClaim } from "./storage-claim";
import { cidr, containerResources, ownNamespace, secretText } from "./values";

const external = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[^\s/]+)*$/)
      .meta({
        description: "Address of the repository.",
        allowed: "an http or https URL without a slash at the end",
        examples: ["https://charts.example.org"],
      }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
    anonymousRead: z.boolean().default(true).meta({ description: "Everybody may read there without a login." }),
    login: z
      .strictObject({
        username: z.string().min(1).meta({ description: "User name." }),
        password: secretText().meta({ description: "Password." }),
      })
      .exactOptional()
      .meta({ description: "Login that may push; absent: the platform knows none." }),
    certificateAuthority: certificateText(
      "Authority behind its certificate, where the public ones do not know it.",
    ).exactOptional(),
  })
  .exactOptional()
  .meta({ description: "A repository that somebody else runs. When set, none is installed and the rest is ignored." });

/** ChartMuseum, the repository of Helm charts. */
export const chartmuseum = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: "Install ChartMuseum, as a part of K-PaaS." }),
    external,
    namespace: ownNamespace
      .default("chartmuseum")
      .meta({ description: "Namespace of ChartMuseum.", source: "upstream" }),
    exposed: z.boolean().default(true).meta({
      description: "Give it an address for people, next to the portal's; false: only pods reach it.",
      source: "upstream",
    }),
    anonymousRead: z.boolean().default(true).meta({
      description:
        "Let everybody who reaches it read without a login, as the portal's catalog does; pushing always needs one.",
      source: "upstream",
    }),
    metrics: z.boolean().default(false).meta({
      description: "Serve Prometheus metrics. They share port and address with the charts and need no login.",
    }),
    storage: storageClaim("5Gi", "Where the charts lie.", kpaasClass),
    resources: containerResources(
      { cpu: "50m", memory: "128Mi" },
      { cpu: "500m", memory: "512Mi" },
      { description: "Resources of the server." },
      "the server",
    ),
  })
  .meta({ description: "ChartMuseum, the repository of Helm charts for the portal's catalog." });
