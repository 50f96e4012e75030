import type { Capability, VaultPolicy } from "./vault-policy";

/** Key-value engine of version 2 that the applications have compiled in (upstream). */
export const SECRETS_ENGINE = "secret";

/** Folders of provider credentials: one for each kind of infrastructure (upstream). */
export const infrastructureFolders = ["AWS", "KT", "NAVER", "NHN", "OPENSTACK"] as const;

/** Applications of the portal that log in at Vault; each has a role and a policy of its own name. */
export const vaultApplications = [
  "cp-portal-api",
  "cp-portal-catalog-api",
  "cp-portal-chaos-api",
  "cp-portal-chaos-collector",
  "cp-portal-metric-api",
  "cp-portal-terraman",
] as const;

export type VaultApplication = (typeof vaultApplications)[number];

/** Beginning of the names of all roles and policies here; nobody else's may begin so. */
export const ROLE_PREFIX = "cp-portal-";

const providerAccounts = infrastructureFolders.map((folder) => `${folder}/*`);

/**
 * What each application may do. Upstream gives all of them one role with everything below `secret/`.
 * @param hostClusterId the cluster that the platform runs on; Terraman must not replace its credentials
 */
export function kpaasPolicies(hostClusterId: string): Record<VaultApplication, VaultPolicy> {
  const readsClustersAndUsers = reads("cluster/*", "user/*");
  return {
    "cp-portal-api": writes("cluster/*", "user/*", "ssh-key/*", ...providerAccounts),
    "cp-portal-catalog-api": readsClustersAndUsers,
    "cp-portal-chaos-api": readsClustersAndUsers,
    "cp-portal-chaos-collector": reads("cluster/*"),
    "cp-portal-metric-api": reads("cluster/*"),
    "cp-portal-terraman": {
      ...reads("ssh-key/*", ...providerAccounts),
      // It writes the entry of a cluster that it has made, again when it is asked to try once more.
      ...at(["cluster/*"], ["create", "update"]),
      ...at([`cluster/${hostClusterId}`], ["deny"]),
    },
  };
}

function at(paths: readonly string[], capabilities: readonly Capability[]): VaultPolicy {
  return Object.fromEntries(paths.map((path) => [`${SECRETS_ENGINE}/data/${path}`, capabilities]));
}

function reads(...paths: string[]): VaultPolicy {
  return at(paths, ["read"]);
}

/** Everything but looking at other folders; deleting an entry takes its versions along. */
function writes(...paths: string[]): VaultPolicy {
  const metadata = paths.map((path) => [`${SECRETS_ENGINE}/metadata/${path}`, ["read", "list", "delete"]] as const);
  return { ...at(paths, ["create", "read", "update", "delete"]), ...Object.fromEntries(metadata) };
}
