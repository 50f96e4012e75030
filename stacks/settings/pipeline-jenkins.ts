import { z } from "zod";
import { outsideServers } from "./outside-servers";
import { kpaasClass, storageClaim } from "./storage-claim";
import { cidr, containerResources, httpUrl, imageDigest, imageTag, port, projectRepository } from "./values";

/** What Configuration as Code, the credentials that it makes, and the jobs of Pipeline-API need. */
const defaultPlugins = [
  "configuration-as-code:1971.vf9280461ea_89",
  "credentials-binding:687.v619cb_15e923f",
  "git:5.7.0",
  "workflow-aggregator:608.v67378e9d3db_1",
];

const image = z
  .strictObject({
    repository: projectRepository.default("cp-pipeline-jenkins").meta({
      description: "Repository in the project of the suite's images.",
      allowed: "a repository without registry, project and tag",
      source: "upstream",
    }),
    tag: z
      .union([z.literal("latest"), imageTag])
      .default("latest")
      .meta({ description: "Tag.", allowed: "an image tag" }),
    digest: imageDigest.exactOptional().meta({ description: "Digest of the image; wins over the tag." }),
  })
  .exactOptional()
  .meta({
    description: "An image that people push: upstream's, or your own; absent: the official one of the catalogue.",
  });

const plugins = z
  .discriminatedUnion("from", [
    z.strictObject({
      from: z.literal("updateSite").meta({ description: "Loaded whenever the pod starts." }),
      list: z
        .array(z.string().regex(/^[a-z0-9-]+:[A-Za-z0-9._-]+$/))
        .min(1)
        .default(defaultPlugins)
        .meta({
          description:
            "Plugins and their versions; what they need comes along, in the lowest version that they ask for. List it too for a newer one.",
          allowed: "a list of name:version",
        }),
      url: httpUrl()
        .exactOptional()
        .meta({ description: "Address of a mirror; absent: the update site of the Jenkins project." }),
      cidrs: z.array(cidr).min(1).default(["0.0.0.0/0"]).meta({
        description: "Address ranges of the update site and the servers that it sends to.",
      }),
      ports: z.array(port).min(1).default([443]).meta({ description: "Ports there." }),
    }),
    z.strictObject({ from: z.literal("image").meta({ description: "The image has them, or the home does already." }) }),
  ])
  .prefault({ from: "updateSite" })
  .meta({
    description: "Where the plugins come from. Without configuration-as-code Jenkins does not start.",
  });

/** The CI-Server. */
export const pipelineJenkins = z
  .strictObject({
    image,
    plugins,
    access: z.enum(["login", "open"]).default("login").meta({
      description:
        "Whom Jenkins lets in: the administrator with a generated password, or everybody whom the network policies let through. Set open only for a Pipeline-API that cannot log in.",
    }),
    builds: z.enum(["rootless", "privileged"]).default("rootless").meta({
      description:
        "How Jenkins runs: without rights, or privileged as root, as upstream has it for building images. Whoever may make a job then owns the node.",
    }),
    executors: z.int().min(0).max(50).default(2).meta({
      description: "Builds that run at a time in Jenkins's own pod.",
      unit: "builds",
    }),
    storage: storageClaim("20Gi", "Where jobs, builds and workspaces lie.", kpaasClass),
    resources: containerResources(
      { cpu: "500m", memory: "1536Mi" },
      { cpu: "2", memory: "3Gi" },
      { description: "Resources of Jenkins and of the builds in its pod." },
    ),
    egress: outsideServers("What builds may reach outside: source code, packages, API servers of clusters.", "GitHub"),
  })
  .prefault({})
  .meta({ description: "The CI-Server, a Jenkins." });
