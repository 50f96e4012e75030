import type { RuleInput, Violation } from "./violation";

/** Impossible combinations in the settings of the identity provider, and of those who need it. */
export function keycloakRules({ settings }: RuleInput): Violation[] {
  const { keycloak, kpaas } = settings;
  if (!keycloak.enabled) {
    return kpaas.enabled
      ? [
          {
            paths: [
              ["kpaas", "enabled"],
              ["keycloak", "enabled"],
            ],
            reason: "Nobody could log in at the portal: it has no users of its own.",
            remedy: "Enable keycloak, with `external` if somebody else runs it.",
          },
        ]
      : [];
  }
  return keycloak.external === undefined
    ? [...sessionRules(settings), ...mailRules(settings), ...connectionRules(settings)]
    : externalRules(settings, keycloak.external);
}

type Settings = RuleInput["settings"];

function sessionRules({ keycloak: { realm } }: Settings): Violation[] {
  return realm.sessionIdleSeconds > realm.sessionMaxSeconds
    ? [
        {
          paths: [
            ["keycloak", "realm", "sessionIdleSeconds"],
            ["keycloak", "realm", "sessionMaxSeconds"],
          ],
          reason: "A login would end before the time without use is over.",
          remedy: "Raise sessionMaxSeconds or lower sessionIdleSeconds.",
        },
      ]
    : [];
}

function mailRules({ keycloak: { realm } }: Settings): Violation[] {
  return (["verifyEmail", "resetPassword"] as const)
    .filter((name) => realm.login[name] === true && realm.mail === undefined)
    .map((name) => ({
      paths: [
        ["keycloak", "realm", "login", name],
        ["keycloak", "realm", "mail"],
      ],
      reason: "People would wait for a mail that Keycloak cannot send.",
      remedy: `Set keycloak.realm.mail, or leave out keycloak.realm.login.${name}.`,
    }));
}

function connectionRules({ kpaas, keycloak, mariadb }: Settings): Violation[] {
  const all = keycloak.replicas * keycloak.databaseConnections;
  return kpaas.enabled && mariadb.external === undefined && all >= mariadb.maxConnections
    ? [
        {
          paths: [
            ["keycloak", "databaseConnections"],
            ["keycloak", "replicas"],
            ["mariadb", "maxConnections"],
          ],
          reason: "Keycloak's pods together may take all connections of the database, and the portal would get none.",
          remedy: "Lower databaseConnections, or raise mariadb.maxConnections.",
        },
      ]
    : [];
}

function externalRules(
  { kpaas, harbor, sourceControl }: Settings,
  external: NonNullable<Settings["keycloak"]["external"]>,
): Violation[] {
  const needed = [
    { client: "portal", wanted: kpaas.enabled, by: ["kpaas", "enabled"] },
    { client: "sourceControl", wanted: sourceControl.enabled, by: ["sourceControl", "enabled"] },
    {
      client: "harbor",
      wanted: harbor.enabled && harbor.external === undefined && harbor.oidc.enabled,
      by: ["harbor", "oidc", "enabled"],
    },
  ] as const;
  const missing = needed
    .filter(({ client, wanted }) => wanted && external.clients[client] === undefined)
    .map(({ client, by }): Violation => {
      return {
        paths: [["keycloak", "external", "clients", client], by],
        reason: "People are to log in there, and the external provider has no client for it.",
        remedy: "Name the id and the secret of a client that was made there.",
      };
    });
  return kpaas.enabled && !external.issuer.includes("/realms/")
    ? [
        ...missing,
        {
          paths: [
            ["keycloak", "external", "issuer"],
            ["kpaas", "enabled"],
          ],
          reason: "The portal works with Keycloak only, whose issuers hold the name of a realm.",
          remedy: "Name the issuer of a realm of Keycloak: <address>/realms/<realm>.",
        },
      ]
    : missing;
}
