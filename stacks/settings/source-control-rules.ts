import type { RuleInput, Violation } from "./violation";

/** Combinations of the Source Control suite's settings that cannot work. */
export function sourceControlRules({ settings }: RuleInput): Violation[] {
  const { sourceControl, kpaas, keycloak } = settings;
  const { enabled, broker } = sourceControl;
  if (!enabled) {
    return [];
  }
  const found: Violation[] = [];
  if (!kpaas.enabled) {
    found.push({
      paths: [
        ["sourceControl", "enabled"],
        ["kpaas", "enabled"],
      ],
      reason: "The suite takes its database, its logins and its addresses from K-PaaS, which is switched off.",
      remedy: "Enable kpaas, or disable sourceControl.",
    });
  }
  if (broker.enabled && broker.exposure === undefined) {
    found.push({
      paths: [
        ["sourceControl", "broker", "exposure"],
        ["sourceControl", "broker", "enabled"],
      ],
      reason: "A Cloud Foundry is to call the broker, and nobody knows from where.",
      remedy: "Set exposure: nodePort, or clusterIp with the namespace and the labels of its cloud controller.",
    });
  }
  if (broker.enabled && keycloak.external !== undefined) {
    found.push({
      paths: [
        ["sourceControl", "broker", "enabled"],
        ["keycloak", "external"],
      ],
      reason:
        "The broker logs in as the administrator of all realms, and the platform knows none of an external provider.",
      remedy: "Switch the broker off, or let the platform install Keycloak.",
    });
  }
  return found;
}
