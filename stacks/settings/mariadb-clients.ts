import type { KpaasClient } from "../../components/kpaas/database/clients";
import type { Settings } from "./schema";

/** The applications that a stack runs and that need a login at the database, in a stable order. */
export function neededDatabaseClients({
  kpaas: { portal },
  pipeline,
  sourceControl,
}: Pick<Settings, "kpaas" | "pipeline" | "sourceControl">): KpaasClient[] {
  return [
    "commonApi",
    "keycloak",
    "metricApi",
    ...(pipeline.enabled && pipeline.broker.enabled ? (["pipelineBroker"] as const) : []),
    ...(pipeline.enabled ? (["pipelineCommonApi", "pipelineConfigServer"] as const) : []),
    ...(portal.broker.enabled ? (["serviceBroker"] as const) : []),
    ...(sourceControl.enabled ? (["sourceControlApi"] as const) : []),
    ...(sourceControl.enabled && sourceControl.broker.enabled ? (["sourceControlBroker"] as const) : []),
    ...(portal.terraman.enabled ? (["terraman"] as const) : []),
  ];
}
