import type { Settings } from "../schema";
import { type Claims, exposureClaims, namespaceClaim } from "./claim";

/** Whether the platform runs a SonarQube of its own. */
export function sonarQubeIsOwn({ openchecker, sonarqube }: Settings): boolean {
  return openchecker.enabled && openchecker.sonarqube === undefined && sonarqube.enabled;
}

/** What SonarQube claims. */
export const sonarqubeClaims: Claims = (settings) => {
  const { namespace, exposure } = settings.sonarqube;
  const used = sonarQubeIsOwn(settings);
  return [namespaceClaim(["sonarqube", "namespace"], namespace, used), ...exposureClaims("sonarqube", exposure, used)];
};
