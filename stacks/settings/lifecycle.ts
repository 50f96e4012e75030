import { z } from "zod";

/** What guards data against a careless `destroy`. */
export const lifecycle = z
  .strictObject({
    protectData: z.boolean().default(false).meta({
      description: "Refuse to delete or replace objects that hold data (volumes, claims, their namespaces, keys).",
    }),
    retainData: z.boolean().default(false).meta({
      description: "When such an object leaves the stack nevertheless, keep it in the cluster.",
    }),
  })
  .meta({ description: "How objects that hold data are guarded." });
