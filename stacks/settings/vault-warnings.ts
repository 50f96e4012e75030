import type { Settings } from "./schema";

/** What works in Vault's settings but deserves a second look. */
export function vaultWarnings({ kpaas, lifecycle, vault }: Settings): string[] {
  if (!kpaas.enabled || vault.external !== undefined) {
    return [];
  }
  return [
    ...(vault.seal.type === "shamir" && lifecycle.protectData
      ? [
          "platform:vault.seal.type is shamir: whoever reads the Secret vault-unseal-keys can open Vault, and who loses it loses all that is in Vault. " +
            "Keep a copy of it outside the cluster, or use a seal of the types transit, awskms, gcpckms or azurekeyvault.",
        ]
      : []),
    ...(!vault.tls && lifecycle.protectData
      ? [
          "platform:vault.tls is false: unseal keys and the token of the host cluster cross the pod network unencrypted. " +
            "Set it to true once the portal's images trust the platform's authority, or encrypt the network between nodes.",
        ]
      : []),
  ];
}
