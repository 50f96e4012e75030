import { z } from "zod";
import { imageNames } from "../../catalog/images";
import { dnsName, imageDigest, imageRepository, imageTag, registryPrefix } from "./values";

/** What replaces an entry of the image catalogue. */
export const imageOverride = z.strictObject({
  repository: imageRepository.exactOptional().meta({ description: "Repository; absent: that of the catalogue." }),
  tag: imageTag.exactOptional().meta({ description: "Tag; absent: that of the catalogue." }),
  digest: imageDigest.exactOptional().meta({ description: "Digest of the image; wins over the tag." }),
});

/** Where images come from. */
export const images = z
  .strictObject({
    registry: registryPrefix.exactOptional().meta({
      description: "Mirror that holds every image under its own repository name, for sites without Internet.",
    }),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).exactOptional().meta({
      description:
        "Pull policy of all containers; absent: Always for OpenChecker and for images that people push, IfNotPresent for all others.",
    }),
    pullSecrets: z.array(dnsName).default([]).meta({
      description:
        "Secrets of the type kubernetes.io/dockerconfigjson, to be found in every namespace of the platform.",
    }),
    overrides: z
      .partialRecord(z.enum(imageNames), imageOverride)
      .default({})
      .meta({
        description: "Other versions than those of catalog/images.ts, by the name of the image there.",
        examples: [{ "openchecker-agent": { tag: "v0.22" } }],
      }),
  })
  .meta({ description: "Where container images come from, and other versions of them." });
