import { z } from "zod";
import { amounts, dnsLabel, imageDigest, imageTag, podLabels, projectRepository } from "./values";

type Names = readonly [string, ...string[]];

// The catalogue refuses `latest`; here it is what upstream's installer pushes.
const tag = z.union([z.literal("latest"), imageTag]);

/**
 * The images of one of K-PaaS's suites.
 * @param applications that the suite has
 * @param project and where its name comes from; absent: chosen by this program
 * @param page of the documentation that tells how people push them
 */
export function suiteImages<const Applications extends Names>(
  applications: Applications,
  {
    project,
    page,
    example,
  }: {
    readonly project: { readonly name: string; readonly source?: "seed" | "upstream" };
    readonly page: string;
    readonly example: Applications[number];
  },
) {
  const { name, source } = project;
  return z
    .strictObject({
      project: dnsLabel.default(name).meta({
        description: "Project in the registry of the section harbor.",
        ...(source !== undefined && { source }),
      }),
      tag: tag.default("latest").meta({
        description: "Tag of all applications; better one that is never moved.",
        source: "upstream",
        allowed: "an image tag",
      }),
      architecture: z.enum(["amd64", "arm64"]).default("amd64").meta({
        description: "Processor architecture of the images; their pods run on such nodes only.",
        source: "upstream",
      }),
      overrides: z
        .partialRecord(
          z.enum(applications),
          z.strictObject({
            repository: projectRepository.exactOptional().meta({
              description: "Repository in the project; absent: the name of the application.",
              allowed: "a repository without registry, project and tag",
              examples: [example],
            }),
            tag: tag.exactOptional().meta({ description: "Tag.", allowed: "an image tag" }),
            digest: imageDigest.exactOptional().meta({ description: "Digest of the image; wins over the tag." }),
          }),
        )
        .default({})
        .meta({
          description: "Other images for single applications.",
          examples: [{ [example]: { tag: "v1.6.0" } }],
        }),
    })
    .prefault({})
    .meta({ description: `The images of the suite; people push them into the registry (${page}).` });
}

/** What a run does while the images of a suite are not there. */
export const imageGate = z.enum(["await", "skip"]).default("skip").meta({
  description:
    "What a run does while images are not in the registry: `await` them and fail in the end, or `skip` the wait; the applications then start by themselves once the images were pushed.",
});

/** Resources of the applications of a suite that are not to have the program's own. */
export function suiteResources<const Applications extends Names>(applications: Applications) {
  return z
    .partialRecord(
      z.enum(applications),
      z
        .strictObject({
          requests: amounts({ cpu: "100m", memory: "384Mi" }).meta({ description: "What is set aside." }),
          limits: amounts({ cpu: "1", memory: "768Mi" }).meta({ description: "What may be used at most." }),
        })
        .meta({ description: "Resources of one pod." }),
    )
    .default({})
    .meta({ description: "Resources of single applications, where the program's own do not fit." });
}

/**
 * A service broker of a suite.
 * @param name of the broker
 * @param offer what it offers to a Cloud Foundry
 * @param nodePort that upstream gives it
 */
export function serviceBroker(name: string, offer: string, nodePort: number) {
  return z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .meta({
          description: `Offer ${offer} as a service of a Cloud Foundry, which is not part of this platform.`,
        }),
      exposure: z
        .discriminatedUnion("type", [
          z.strictObject({
            type: z.literal("clusterIp").meta({ description: "A Cloud Foundry in the same cluster." }),
            namespace: dnsLabel.meta({ description: "Namespace of its cloud controller.", examples: ["cf-system"] }),
            podLabels: podLabels.meta({ description: "Labels of the controller's pods." }),
          }),
          z.strictObject({
            type: z.literal("nodePort").meta({ description: `Port ${nodePort} of every node, by plain HTTP.` }),
          }),
        ])
        .exactOptional()
        .meta({ description: "How the Cloud Foundry reaches the broker; there is no default." }),
    })
    .prefault({})
    .meta({ description: `${name}.` });
}

/** The parsed settings of images, for a suite with these applications. */
export type SuiteImages<Application extends string> = Omit<z.output<ReturnType<typeof suiteImages>>, "overrides"> & {
  readonly overrides: Readonly<
    Partial<Record<Application, { repository?: string; tag?: string; digest?: string } | undefined>>
  >;
};
