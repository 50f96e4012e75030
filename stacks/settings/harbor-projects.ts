import { z } from "zod";
import { harborCron } from "./types/cron";
import { oneLine } from "./types/text";
import { storageQuantity } from "./values";

const pattern = (what: string) =>
  oneLine(255)
    .default("**")
    .meta({ description: `${what} that it is about.`, allowed: "a pattern with `*`, `**`, `?` and `{a,b}`" });

const selection = { repositories: pattern("Repositories"), tags: pattern("Tags") };

const retentionRule = z.strictObject({
  keep: z.enum(["latestPushedK", "latestPulledN", "nDaysSinceLastPush", "nDaysSinceLastPull", "always"]).meta({
    description: "Which tags stay: the last pushed, the last pulled, those of the last days, or all that match.",
  }),
  count: z
    .int()
    .min(1)
    .max(1_000_000)
    .exactOptional()
    .meta({ description: "How many tags or days; `always` needs none." }),
  ...selection,
});

const project = z.strictObject({
  public: z.boolean().default(false).meta({ description: "Let everybody pull without a login." }),
  autoScan: z.boolean().default(true).meta({ description: "Scan images after each push.", source: "seed" }),
  preventVulnerable: z.boolean().default(false).meta({
    description: "Refuse to hand out images with vulnerabilities from `severity` on.",
    source: "upstream",
  }),
  severity: z
    .enum(["none", "low", "medium", "high", "critical"])
    .default("high")
    .meta({ description: "Threshold of `preventVulnerable`.", source: "upstream" }),
  quota: storageQuantity
    .exactOptional()
    .meta({ description: "Space that the project may use; absent: no limit.", unit: "bytes" }),
  immutableTags: z
    .array(z.strictObject(selection))
    .max(15)
    .default([])
    .meta({
      description: "Tags that can neither be moved nor deleted.",
      allowed: "a list of at most 15 objects with the keys repositories, tags",
      examples: [[{ tags: "v*" }]],
    }),
  retention: z
    .strictObject({
      cron: harborCron.default("0 0 3 * * *").meta({ description: "When tags are removed." }),
      rules: z
        .array(retentionRule)
        .min(1)
        .max(15)
        .meta({
          description: "A tag stays when one of these says so.",
          allowed: "a list of 1 to 15 objects with the keys keep, count, repositories, tags",
          examples: [[{ keep: "latestPushedK", count: 10 }]],
        }),
    })
    .exactOptional()
    .meta({ description: "Which tags stay; absent: all. Garbage collection in the portal frees the space." }),
});

/** A project of which nothing is set. */
export const plainProject = project.parse({});

/** Project names as Harbor allows them. */
const projectName = z
  .string()
  .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/)
  .max(255);

/** Harbor's projects. */
export const harborProjects = z
  .record(projectName, project)
  .prefault({ kubekloud: {} })
  .meta({
    description: "Projects by name. One that is taken away here stays in Harbor.",
    source: "seed",
    allowed:
      "an object of projects; a name has lower-case letters and digits, joined by single dots, underscores or dashes",
    examples: [{ kubekloud: {}, tools: { public: true } }],
  });

const robot = (description: string) =>
  z
    .strictObject({
      expiryDays: z
        .union([z.literal(-1), z.int().min(7).max(3650)])
        .default(365)
        .meta({
          description: "Life of the account, renewed in its last third; -1: for ever.",
          allowed: "a whole number from 7 to 3650, or -1",
          unit: "days",
        }),
      rotation: z.int().min(1).max(1_000_000).default(1).meta({ description: "Another number makes another secret." }),
    })
    .prefault({})
    .meta({ description });

/** The robot accounts of every project. */
export const harborRobots = z
  .strictObject({
    cluster: robot("Pulls for the cluster: `robot$<project>+cluster`."),
    ci: robot("Pulls and pushes for builds: `robot$<project>+ci`."),
  })
  .prefault({})
  .meta({ description: "The robot accounts of every project." });
