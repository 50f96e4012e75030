import type { Settings } from "../settings";

/** Projects of the registry that the systems of the stack need, besides those that its settings name. */
export function neededProjects({
  kpaas,
  pipeline,
  sourceControl,
}: Pick<Settings, "kpaas" | "pipeline" | "sourceControl">): readonly string[] {
  const projects = [
    ...(kpaas.enabled ? [kpaas.portal.images.project] : []),
    ...(pipeline.enabled ? [pipeline.images.project] : []),
    ...(sourceControl.enabled ? [sourceControl.images.project] : []),
  ];
  return [...new Set(projects)];
}
