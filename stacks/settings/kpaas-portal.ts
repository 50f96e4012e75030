import { z } from "zod";
import { portalApplications } from "../../components/kpaas/portal-applications";
import { type ProfileName, profiles } from "../../components/kpaas/profiles";
import { imageGate, serviceBroker, suiteImages, suiteResources } from "./kpaas-suite";
import { privateKey } from "./private-key";
import { cidr, dnsLabel, httpUrl, ownNamespace, podLabels, port, storageQuantity } from "./values";

const application = z.enum(portalApplications);

const images = suiteImages(portalApplications, {
  project: { name: "cp-portal-repository", source: "seed" },
  page: "docs/k-paas.md",
  example: "cp-portal-ui",
});

const volume = (defaultSize: string, description: string) =>
  z
    .strictObject({
      size: storageQuantity
        .prefault(defaultSize)
        .meta({ description: "Size of the claim.", unit: "bytes", source: "upstream" }),
    })
    .prefault({})
    .meta({ description });

const cidrs = (description: string) => z.array(cidr).default([]).meta({ description });

const terraman = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: "Let the portal make clusters. It logs in at the node of kpaas.nodeAddress as the user `ubuntu`.",
    }),
    sshPrivateKey: privateKey().exactOptional().meta({ description: "Key of that user." }),
    machines: cidrs(
      "Address ranges of the node and of the machines that become clusters, for SSH and the cloud's API.",
    ),
    ports: z
      .array(port)
      .min(1)
      .default([22, 443])
      .meta({ description: "Ports that it may open there: SSH, and the API of NAVER's cloud." }),
    storage: volume("5Gi", "Where the SSH keys lie."),
  })
  .prefault({})
  .meta({ description: "Terraman, which makes further clusters." });

const catalog = z
  .strictObject({
    enabled: z.boolean().exactOptional().meta({
      description: "Offer Helm charts; absent: where the profile has it (v1.6.0).",
    }),
    internet: z.boolean().default(true).meta({
      description: "Let it reach artifacthub.io and chart repositories on the Internet (ports 80 and 443).",
    }),
    storage: volume("5Gi", "Where the list of repositories and their indexes lie."),
  })
  .prefault({})
  .meta({ description: "Catalog-API (profile v1.6.0)." });

const chaos = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description: "Offer chaos experiments; needs Chaos Mesh in the clusters, and its dashboard here.",
    }),
    dashboard: z
      .strictObject({
        url: httpUrl()
          .default("http://chaos-dashboard.chaos-mesh.svc:2333")
          .meta({ description: "Address of the dashboard's API.", source: "upstream" }),
        namespace: dnsLabel.default("chaos-mesh").meta({ description: "Namespace of the dashboard." }),
        podLabels: podLabels
          .default({ "app.kubernetes.io/component": "chaos-dashboard" })
          .meta({ description: "Labels of its pods.", source: "upstream" }),
        port: port.default(2333).meta({ description: "Port of its pods.", source: "upstream" }),
      })
      .prefault({})
      .meta({ description: "The dashboard of Chaos Mesh." }),
  })
  .prefault({})
  .meta({ description: "Chaos-API and chaos collector (profile v1.6.0)." });

const broker = serviceBroker("Portal-Broker", "the portal", 32704);

/** The portal suite. */
export const kpaasPortal = z
  .strictObject({
    namespace: ownNamespace.default("cp-portal").meta({ description: "Namespace of the suite.", source: "seed" }),
    images,
    imageGate,
    replicas: z
      .partialRecord(application, z.int().min(1).max(20))
      .default({})
      .meta({
        description: "Pods of single applications; all others have one.",
        unit: "pods",
        examples: [{ "cp-portal-common-api": 2 }],
      }),
    stickySessions: z.boolean().default(false).meta({
      description:
        "Keep a browser at the same pod of the UI, which has its sessions in memory; needed for several, by ingress-nginx.",
    }),
    resources: suiteResources(portalApplications),
    credentials: z.enum(["generated", "builtIn"]).default("generated").meta({
      description:
        "Keys and passwords between the applications: generated ones, or those that are compiled into the images and the same everywhere. Set builtIn only for images that do not take others.",
    }),
    internalNodePorts: z.boolean().default(false).meta({
      description:
        "Open the node ports of Common-API, Metric-API, Terraman and the collector too, as v1.4.1 does. Everybody who reaches a node can then try the passwords compiled into the images.",
    }),
    clusters: z
      .strictObject({
        cidrs: cidrs("Address ranges of their API servers, besides the one of this cluster."),
        ports: z.array(port).min(1).default([443, 6443]).meta({ description: "Ports of their API servers." }),
      })
      .prefault({})
      .meta({ description: "Other clusters that people register in the portal." }),
    terraman,
    catalog,
    chaos,
    broker,
  })
  .meta({ description: "The portal and its APIs." });

/** The parsed section. */
export type KpaasPortalSettings = z.output<typeof kpaasPortal>;

/** Whether Catalog-API is installed: where the settings say so, otherwise where the profile has it. */
export function hasCatalog({
  profile,
  portal,
}: {
  readonly profile: ProfileName;
  readonly portal: Pick<KpaasPortalSettings, "catalog">;
}): boolean {
  return portal.catalog.enabled ?? profiles[profile].portal.environment["cp-portal-catalog-api"] !== undefined;
}
