import { z } from "zod";
import { oneLine } from "./types/text";

/** The name of a claim, or of a group. */
const plainName = oneLine();

/** Whether Harbor, whose patterns know neither look-around nor references back, can read it. */
function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return !/\(\?(?:[=!]|<[=!])|\\[1-9]/.test(text);
  } catch {
    return false;
  }
}

/** Login through the platform's identity provider. */
export const harborLogin = z
  .strictObject({
    enabled: z.boolean().default(false).meta({
      description:
        "Let people log in through the platform's identity provider. Harbor can be changed to it only while `admin` is its only user (docs/harbor.md).",
    }),
    name: plainName.default("Keycloak").meta({ description: "Name of the provider on the login page." }),
    userClaim: plainName
      .default("preferred_username")
      .meta({ description: "Claim that holds the user name.", source: "upstream" }),
    autoOnboard: z.boolean().default(true).meta({
      description: "Take the user name from the claim at the first login; false: Harbor asks for one.",
    }),
    groupsClaim: plainName.default("roles").meta({
      description: "Claim that holds the groups; members of a project may be groups then.",
    }),
    adminGroup: plainName.exactOptional().meta({
      description: "Group whose members administer Harbor; absent: only `admin` does.",
      examples: ["cp-cluster-admin-role"],
    }),
    scopes: z
      .array(z.string().regex(/^(?!openid$)[!-+\--[\]-~]+$/))
      .default(["profile", "email", "offline_access"])
      .meta({
        description:
          "Scopes to ask for besides `openid`; the provider has to offer them to the client. `offline_access` lets the secret that people use at the command line outlive their session.",
        allowed: "a list of names without commas and spaces, without `openid`",
      }),
    groupFilter: oneLine(500)
      .refine(isPattern)
      .exactOptional()
      .meta({
        description: "Only groups whose names match become groups of Harbor; absent: all.",
        allowed: "a regular expression",
        examples: ["^platform-"],
      }),
    logout: z.boolean().default(false).meta({
      description: "Who logs out of Harbor is logged out of the provider, too.",
      source: "upstream",
    }),
    loginParameters: z
      .record(z.string().regex(/^[A-Za-z0-9_.-]+$/), plainName)
      .default({})
      .meta({
        description: "Further parameters of the provider's login page.",
        examples: [{ kc_idp_hint: "company" }],
      }),
  })
  .prefault({})
  .meta({ description: "Login through the platform's identity provider, OpenID Connect." });
