import { z } from "zod";
import { registryKinds } from "../../components/registry/harbor-core-configuration";

const kinds = <const Kinds extends readonly [string, ...string[]]>(all: Kinds, description: string) =>
  z
    .array(z.enum(all))
    .default([...all])
    .meta({ description, source: "upstream" });

/** How Harbor's core works, beyond what its surroundings decide. */
export const harborTuning = z
  .strictObject({
    replicationKinds: kinds(registryKinds.replication, "Kinds of registries that people may replicate with."),
    proxyCacheKinds: kinds(registryKinds.proxyCache, "Kinds of registries that projects may stand before as a cache."),
    cacheHours: z.int().min(1).max(8760).exactOptional().meta({
      description: "Keep what is asked for often in Redis for so long; absent: not at all.",
      unit: "hours",
    }),
    quotaUpdates: z.enum(["db", "redis"]).default("db").meta({
      description: "What counts the use of projects; redis bears more pushes at a time.",
      source: "upstream",
    }),
    garbageWindowHours: z.int().min(0).max(8760).exactOptional().meta({
      description: "Uploads that are younger are left alone by garbage collection; Harbor's own value is 2.",
      unit: "hours",
    }),
    pullFlushSeconds: z.int().min(1).max(86_400).exactOptional().meta({
      description: "How often pulls are written down. Harbor's own value is 10.",
      unit: "seconds",
    }),
    forgetUsers: z
      .strictObject({
        accounts: z.boolean().default(false).meta({
          description: "Replace the names of deleted users by a hash.",
          source: "upstream",
        }),
        auditLog: z.boolean().default(false).meta({
          description: "Do so in the audit log, too.",
          source: "upstream",
        }),
      })
      .prefault({})
      .meta({ description: "What the General Data Protection Regulation may ask for." }),
  })
  .prefault({})
  .meta({ description: "How core works; the defaults are Harbor's own." });
