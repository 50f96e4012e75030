import { z } from "zod";
import { exposure } from "./exposure";
import { storageClaim } from "./storage-claim";
import { cron } from "./types/cron";
import { oneLine } from "./types/text";
import { cidr, containerResources, ownNamespace, port, secretText, serverAddress } from "./values";

const heap = (process: string) =>
  z
    .int()
    .min(128)
    .max(32_768)
    .default(1024)
    .meta({
      description: `Largest heap of ${process}.`,
      unit: "MiB",
      source: "upstream",
    });

const external = z
  .strictObject({
    host: serverAddress.meta({ description: "Address of the server." }),
    port: port.default(5432).meta({ description: "Port of the server." }),
    cidrs: z.array(cidr).min(1).meta({ description: "Address ranges of the server, for the network policies." }),
    database: oneLine(63).default("sonarqube").meta({ description: "Database; it has to exist." }),
    username: oneLine(63).default("sonarqube").meta({ description: "Role that owns the database." }),
    password: secretText().meta({ description: "Password of the role." }),
    sslmode: z.enum(["disable", "require", "verify-full"]).default("verify-full").meta({
      description: "How the connection is protected; verify-full knows public authorities only.",
    }),
  })
  .exactOptional()
  .meta({ description: "A server that somebody else runs. When set, none is installed and the rest is ignored." });

const database = z
  .strictObject({
    external,
    storage: storageClaim("16Gi", "Where the data lies."),
    maxConnections: z.int().min(130).max(2000).default(150).meta({
      description: "Connections that the server takes; SonarQube opens up to 120.",
      unit: "connections",
    }),
    resources: containerResources(
      { cpu: "100m", memory: "256Mi" },
      { cpu: "1", memory: "1Gi" },
      { description: "Resources of the server.", leastMemory: "128Mi" },
      "the server",
    ),
  })
  .prefault({})
  .meta({ description: "PostgreSQL, where SonarQube keeps everything but its search index." });

/** SonarQube and its database. */
export const sonarqube = z
  .strictObject({
    enabled: z.boolean().default(true).meta({
      description:
        "Install SonarQube for OpenChecker, unless openchecker.sonarqube names another one. False: checks that need it give no result.",
    }),
    namespace: ownNamespace
      .default("sonarqube")
      .meta({ description: "Namespace of SonarQube and its database.", source: "upstream" }),
    exposure: exposure
      .prefault({ type: "clusterIp" })
      .meta({ description: "How people reach it. Workers use it inside the cluster in any case." }),
    administratorPassword: secretText({ minLength: 8 }).exactOptional().meta({
      description: "Present password of the user admin; absent: generated. Needed when somebody changed it by hand.",
    }),
    nodeKernel: z.enum(["noMemoryMap", "prepared", "initContainer"]).default("noMemoryMap").meta({
      description:
        "What is done about the nodes' vm.max_map_count: `noMemoryMap` does without it, `prepared` relies on nodes with at least 262144, `initContainer` has a privileged container raise it.",
    }),
    heaps: z
      .strictObject({
        web: heap("the web server"),
        computeEngine: heap("the engine that works reports off"),
        search: heap("the search engine"),
      })
      .prefault({})
      .meta({ description: "Java heaps; together with 512 MiB for the rest they have to fit the memory limit." }),
    resources: containerResources(
      { cpu: "1", memory: "2Gi" },
      { cpu: "2", memory: "4Gi" },
      { description: "Resources of the server.", source: "upstream" },
      "the server",
    ),
    storage: storageClaim("32Gi", "Where the data lies."),
    tokenDays: z.int().min(30).max(365).exactOptional().meta({
      description:
        "Life of OpenChecker's analysis token; absent: until somebody revokes it. It is renewed in its last third, and workers have to be restarted in that time.",
      unit: "days",
    }),
    forceAuthentication: z.boolean().default(true).meta({
      description: "Show nothing to people who have not logged in.",
      source: "upstream",
    }),
    serverSettings: z
      .record(
        z.string().regex(/^sonar\.(?!.*(?:secured|password|secret|token|license))[A-Za-z0-9._-]+$/i),
        z
          .string()
          .max(4000)
          .regex(/^[^\p{Cc}]*$/u),
      )
      .default({})
      .meta({
        description:
          "Further settings of the server, as its page *Administration* has them; others are left as people set them. Texts, numbers, true and false; no lists, and no secrets, which would stand in plain text.",
        allowed: "names that begin with `sonar.`",
        examples: [{ "sonar.dbcleaner.daysBeforeDeletingClosedIssues": "30" }],
      }),
    reconcileSchedule: cron.default("30 3 * * *").meta({
      description: "When users and tokens are looked through again.",
    }),
    database,
  })
  .meta({ description: "SonarQube, where OpenChecker has code analysed." });

export type SonarQubeSettings = z.output<typeof sonarqube>;
