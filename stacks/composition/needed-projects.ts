import type { Settings } from "../settings";

/** Projects of the registry that the systems of the stack need, besides those that its settings name. */
export function neededProjects({ kpaas }: Pick<Settings, "kpaas">): readonly string[] {
  return kpaas.enabled ? [kpaas.portal.images.project] : [];
}
