import { z } from "zod";
import { cidr, oneLine, port } from "./values";

/** A list of servers outside the cluster that pods may connect to, without a default. @param example name of one */
export const serverList = (example: string) =>
  z.array(
    z.strictObject({
      name: oneLine(100).meta({ description: "What it is, for the connection graph.", examples: [example] }),
      cidrs: z.array(cidr).min(1).meta({ description: "Address ranges." }),
      ports: z.array(port).min(1).default([443]).meta({ description: "TCP ports." }),
    }),
  );

/** What is allowed in such a list, in words. */
export const SERVER_LIST_ALLOWED = "a list of objects with the keys name, cidrs, ports";

/**
 * Servers outside the cluster that pods may reach; none by default.
 * @param description who reaches what there
 * @param example name of such a server
 */
export const outsideServers = (description: string, example: string) =>
  serverList(example).default([]).meta({ description, allowed: SERVER_LIST_ALLOWED });
