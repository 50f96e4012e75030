import { z } from "zod";
import { kpaasClass, storageClaim } from "./storage-claim";
import { authorityText } from "./types/pem";
import { oneLine } from "./types/text";
import { httpUrl } from "./types/url";
import { cidr, containerResources, ownNamespace, secretText } from "./values";

const external = z
  .strictObject({
    url: httpUrl({ path: "plain" }).meta({
      description: "Address of the repository.",
      examples: ["https://charts.example.org"],
    }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
    anonymousRead: z.boolean().default(true).meta({ description: "Everybody may read there without a login." }),
    login: z
      .strictObject({
        username: oneLine().meta({ description: "User name." }),
        password: secretText().meta({ description: "Password." }),
      })
      .exactOptional()
      .meta({ description: "Login that may push; absent: the platform knows none." }),
    certificateAuthority: authorityText(
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
      { description: "Resources of the server.", leastMemory: "32Mi" },
      "the server",
    ),
  })
  .meta({ description: "ChartMuseum, the repository of Helm charts for the portal's catalog." });
