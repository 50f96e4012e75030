import { z } from "zod";
import { oneLine } from "./types/text";

/** The authority's name has 64 characters at most, and ` certificate authority` comes behind the organisation. */
const LONGEST_ORGANIZATION = 64 - " certificate authority".length;

/** The platform's own certificate authority. */
export const certificates = z
  .strictObject({
    selfMade: z
      .strictObject({
        organization: oneLine(LONGEST_ORGANIZATION).default("Platform").meta({
          description: "Organisation in the subject of the certificates.",
        }),
        validityDays: z.int().min(30).max(7300).default(3650).meta({
          description: "Life of the authority's certificate; an `up` in the last third renews it with the same key.",
          unit: "days",
        }),
        leafDays: z.int().min(7).max(825).default(398).meta({
          description: "Life of the certificates that it signs; an `up` in the last third renews them.",
          unit: "days",
        }),
      })
      .prefault({})
      .meta({ description: "The authority behind every exposure with `tls: { from: selfMade }`." }),
  })
  .meta({ description: "Certificates that the platform makes itself." });
