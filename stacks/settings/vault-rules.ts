import type { SettingPath } from "./paths";
import { portalVaultClients } from "./vault-clients";
import type { RuleInput, Violation } from "./violation";

type Settings = RuleInput["settings"];

const at = (...keys: string[]): SettingPath => ["vault", ...keys];

/** Combinations of Vault's settings that cannot work. */
export function vaultRules({ settings }: RuleInput): Violation[] {
  const { kpaas, vault } = settings;
  if (!kpaas.enabled) {
    return [];
  }
  return vault.external === undefined
    ? [...sealRules(settings), ...tokenRules(settings)]
    : externalRules(settings, vault.external);
}

function sealRules({ vault: { seal } }: Settings): Violation[] {
  const paths = [at("seal", "threshold"), at("seal", "shares")] as const;
  if (seal.threshold > seal.shares) {
    return [
      {
        paths,
        reason: "More keys would be needed than there are.",
        remedy: "Lower threshold or raise shares.",
      },
    ];
  }
  return seal.shares > 1 && seal.threshold === 1
    ? [
        {
          paths,
          reason: "Vault refuses to make several keys of which each is enough.",
          remedy: "Set threshold to 2 or more, or shares to 1.",
        },
      ]
    : [];
}

function tokenRules({ vault: { tokens } }: Settings): Violation[] {
  return tokens.ttlSeconds > tokens.maxTtlSeconds
    ? [
        {
          paths: [at("tokens", "ttlSeconds"), at("tokens", "maxTtlSeconds")],
          reason: "A token would live longer than it may.",
          remedy: "Lower ttlSeconds or raise maxTtlSeconds.",
        },
      ]
    : [];
}

function externalRules({ kpaas }: Settings, { applications }: NonNullable<Settings["vault"]["external"]>): Violation[] {
  const [first, ...others] = portalVaultClients(kpaas)
    .filter((application) => applications[application] === undefined)
    .map((application) => at("external", "applications", application));
  return first === undefined
    ? []
    : [
        {
          paths: [first, ...others],
          reason: "Every application of the portal that uses Vault needs a role there.",
          remedy: "Add the roles, or remove external.",
        },
      ];
}
