import type { Settings } from "./schema";

/** What works in Keycloak's settings but deserves a second look. */
export function keycloakWarnings({ kpaas, keycloak }: Settings): string[] {
  if (!kpaas.enabled || !keycloak.enabled || keycloak.external !== undefined) {
    return [];
  }
  const { realm } = keycloak;
  return [
    ...(realm.selfRegistration
      ? [
          "platform:keycloak.realm.selfRegistration is true: everybody who reaches the login page can make an account and log in to all systems that ask for no role.",
        ]
      : []),
    ...(realm.bruteForceProtection
      ? []
      : ["platform:keycloak.realm.bruteForceProtection is false: passwords can be tried without an end."]),
    ...(realm.directGrants
      ? [
          "platform:keycloak.realm.directGrants is true: a system that asks people for their password itself sees it, and no second factor protects it.",
        ]
      : []),
  ];
}
