import { bytesOf } from "../../components/kubernetes/quantity";
import type { SettingPath } from "./paths";
import type { RuleInput, Violation } from "./violation";

/** Memory of the server besides the heaps: class data, threads, buffers, and the process that starts the others. */
const BESIDES_HEAPS_MIB = 512;

const at = (...keys: string[]): SettingPath => ["sonarqube", ...keys];

/** Combinations of SonarQube's settings that cannot work. */
export function sonarqubeRules({ settings: { sonarqube } }: RuleInput): Violation[] {
  if (!sonarqube.enabled) {
    return [];
  }
  const taken = "sonar.forceAuthentication";
  const twice: Violation[] =
    taken in sonarqube.serverSettings
      ? [
          {
            paths: [at("serverSettings", taken), at("forceAuthentication")],
            reason: "Two settings say the same.",
            remedy: "Use forceAuthentication.",
          },
        ]
      : [];
  return [...twice, ...heapRules(sonarqube)];
}

function heapRules(sonarqube: RuleInput["settings"]["sonarqube"]): Violation[] {
  const { web, computeEngine, search } = sonarqube.heaps;
  const needed = web + computeEngine + search + BESIDES_HEAPS_MIB;
  return needed * 2 ** 20 > bytesOf(sonarqube.resources.limits.memory)
    ? [
        {
          paths: [at("heaps"), at("resources", "limits", "memory")],
          reason: `The heaps and what Java needs besides them are ${needed} MiB, more than the container may use.`,
          remedy: "Lower the heaps or raise the limit.",
        },
      ]
    : [];
}
