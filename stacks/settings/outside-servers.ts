import { z } from "zod";
import { cidr, port } from "./values";

/**
 * Servers outside the cluster that pods may reach.
 * @param description who reaches what there
 * @param example name of such a server
 */
export const outsideServers = (description: string, example: string) =>
  z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .meta({ description: "What it is, for the connection graph.", examples: [example] }),
        cidrs: z.array(cidr).min(1).meta({ description: "Address ranges." }),
        ports: z.array(port).min(1).default([443]).meta({ description: "TCP ports." }),
      }),
    )
    .default([])
    .meta({ description, allowed: "a list of objects with the keys name, cidrs, ports" });
