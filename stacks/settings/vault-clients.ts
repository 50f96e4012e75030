import { type VaultApplication, vaultApplications } from "../../components/secrets/vault-kpaas-policies";
import type { KpaasSettings } from "./kpaas";
import { hasCatalog } from "./kpaas-portal";

/** Applications of the portal that log in at Vault in this stack. */
export function portalVaultClients(kpaas: KpaasSettings): VaultApplication[] {
  const { chaos, terraman } = kpaas.portal;
  const wanted: Readonly<Record<VaultApplication, boolean>> = {
    "cp-portal-api": true,
    "cp-portal-catalog-api": hasCatalog(kpaas),
    "cp-portal-chaos-api": chaos.enabled,
    "cp-portal-chaos-collector": chaos.enabled,
    "cp-portal-metric-api": true,
    "cp-portal-terraman": terraman.enabled,
  };
  return vaultApplications.filter((application) => wanted[application]);
}
