import type { RuleInput, Violation } from "./violation";

/** Why nobody could log in at Harbor as its settings want it. */
export function harborLoginRules({ settings: { harbor, keycloak, kpaas } }: RuleInput): Violation[] {
  const wanted = harbor.enabled && harbor.external === undefined && harbor.oidc.enabled;
  const provided = keycloak.enabled && (keycloak.external !== undefined || kpaas.enabled);
  const violations: Violation[] = [];
  if (wanted && !provided) {
    violations.push({
      paths: [
        ["harbor", "oidc", "enabled"],
        ["keycloak", "enabled"],
        ["kpaas", "enabled"],
      ],
      reason: "People are to log in at Harbor through the platform's identity provider, and there is none.",
      remedy:
        "Enable kpaas and keycloak, or name a provider that somebody else runs in keycloak.external, or set harbor.oidc.enabled to false.",
    });
  }
  if (wanted && harbor.system.selfRegistration === true) {
    violations.push({
      paths: [
        ["harbor", "system", "selfRegistration"],
        ["harbor", "oidc", "enabled"],
      ],
      reason: "Harbor makes no accounts of its own while people log in through an identity provider.",
      remedy: "Leave out harbor.system.selfRegistration; the provider decides who has an account.",
    });
  }
  return violations;
}
