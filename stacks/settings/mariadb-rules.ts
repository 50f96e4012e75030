import { neededDatabaseClients } from "./mariadb-clients";
import type { SettingPath } from "./paths";
import type { RuleInput, Violation } from "./violation";

const at = (...keys: string[]): SettingPath => ["mariadb", "external", ...keys];

/** Combinations of MariaDB's settings that cannot work. */
export function mariadbRules({ settings }: RuleInput): Violation[] {
  const { kpaas, mariadb } = settings;
  const { external } = mariadb;
  if (!kpaas.enabled || external === undefined) {
    return [];
  }
  const { administrator, certificateAuthority, logins } = external;
  if ((administrator === undefined) === (logins === undefined)) {
    return [
      {
        paths: [at("administrator"), at("logins")],
        reason: "Either the platform makes the logins, as administrator, or somebody else has made them.",
        remedy: "Set exactly one of the two.",
      },
    ];
  }
  const found: Violation[] = [];
  const missing = logins && neededDatabaseClients(settings).filter((client) => logins[client] === undefined);
  if (missing !== undefined && missing.length > 0) {
    found.push({
      paths: [at("logins", missing[0] ?? ""), ...missing.slice(1).map((client) => at("logins", client))],
      reason: "Every application of the stack needs a login.",
      remedy: "Add the logins, or set administrator instead.",
    });
  }
  if (logins !== undefined && certificateAuthority !== undefined) {
    found.push({
      paths: [at("certificateAuthority"), at("logins")],
      reason: "Only the administrator's connection looks at the certificate, and there is none.",
      remedy: "Remove the authority.",
    });
  }
  return found;
}
