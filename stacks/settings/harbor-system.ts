import { z } from "zod";
import { storageQuantity } from "./types/quantity";
import { oneLine } from "./types/text";
import { hostAndPort } from "./types/url";

/** February has no 30th, though dates can be written so. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${text}T`);
}

const day = z
  .string()
  .refine(isDay)
  .meta({ allowed: "a day, YYYY-MM-DD", examples: ["2027-01-31"] });

const flag = (description: string) => z.boolean().exactOptional().meta({ description });
/** The portal takes no more than ten digits. */
const amount = (unit: string, description: string) =>
  z.int().min(1).max(9_999_999_999).exactOptional().meta({ description, unit });

const banner = z
  .strictObject({
    message: oneLine(512).meta({ description: "The text." }),
    type: z
      .enum(["success", "info", "warning", "danger"])
      .default("info")
      .meta({ description: "Colour and sign.", source: "upstream" }),
    closable: z.boolean().default(false).meta({ description: "Let people close it.", source: "upstream" }),
    from: day.meta({ description: "First day." }),
    to: day.meta({ description: "Last day." }),
  })
  .refine(({ from, to }) => from <= to, { path: ["to"], error: "The last day lies before the first." })
  .exactOptional()
  .meta({ description: "What stands above every page of the portal." });

/** What people change on the portal's page *Configuration* elsewhere; with `oidc.enabled` that page is read-only. */
export const harborSystem = z
  .strictObject({
    projectCreation: z.enum(["everyone", "adminonly"]).exactOptional().meta({
      description: "Who may make projects; Harbor's own value is everyone.",
    }),
    sessionMinutes: amount("minutes", "How long a session in the portal lasts; Harbor's own value is 60."),
    tokenMinutes: amount("minutes", "How long a token for the registry lasts; Harbor's own value is 30."),
    robotDays: amount("days", "How long robots of people last by default; Harbor's own value is 30."),
    quotaPerProject: flag("Count what projects use, and limit it; Harbor's own value is true."),
    storagePerProject: z
      .union([storageQuantity, z.literal("unlimited")])
      .exactOptional()
      .meta({
        description: "What a new project may use; Harbor's own value is unlimited.",
        allowed: "an amount of storage such as 10Gi, or unlimited",
      }),
    selfRegistration: flag("Let strangers make an account; never with `oidc.enabled`. Harbor's own value is false."),
    notifications: flag("Send webhooks; Harbor's own value is true."),
    banner,
    auditLogForwardEndpoint: hostAndPort.exactOptional().meta({
      description: "Syslog server that gets the audit log as well; `egress` has to list it.",
      examples: ["syslog.example.org:514"],
    }),
    auditLogInDatabase: flag(
      "Keep the audit log in the database; false needs `auditLogForwardEndpoint`. Harbor's own value is true.",
    ),
    disabledAuditEvents: z
      .array(z.string().regex(/^[a-z]+_[a-z_]+$/))
      .exactOptional()
      .meta({
        description: "Events that the audit log leaves out.",
        allowed: "names of the form <operation>_<kind>",
        examples: [["create_artifact", "pull_artifact"]],
      }),
    pullAuditLog: flag("Write pulls into the audit log; Harbor's own value is true."),
    pullCount: flag("Count pulls; Harbor's own value is true."),
    pullTime: flag("Remember when something was pulled last; retention by pulls needs it. Harbor's own value is true."),
    scannerCountsAsPull: flag("Take what the scanner pulls for a pull; Harbor's own value is true."),
    readOnly: flag("Take no pushes and delete nothing, for maintenance; Harbor's own value is false."),
  })
  .refine((system) => system.auditLogInDatabase !== false || system.auditLogForwardEndpoint !== undefined, {
    path: ["auditLogInDatabase"],
    error: "Without the database the audit log needs another place: set auditLogForwardEndpoint.",
  })
  .prefault({})
  .meta({
    description:
      "Harbor's system settings. What is set here is put back by every run of the bootstrap Job; what is absent stays as it is in Harbor.",
  });
