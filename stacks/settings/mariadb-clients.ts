import type { KpaasClient } from "../../components/kpaas/database/clients";
import type { KpaasSettings } from "./kpaas";

/** The applications that a stack runs and that need a login at the database, in a stable order. */
export function neededDatabaseClients({ portal }: Pick<KpaasSettings, "portal">): KpaasClient[] {
  return [
    "commonApi",
    "keycloak",
    "metricApi",
    ...(portal.broker.enabled ? (["serviceBroker"] as const) : []),
    ...(portal.terraman.enabled ? (["terraman"] as const) : []),
  ];
}
