import { stableJson } from "../kubernetes/checksum";
import { policyText, type VaultPolicy } from "./vault-policy";
import type { VaultSeal } from "./vault-seal";

/** Mount point of the login method by role id and secret id (upstream). */
export const LOGIN_METHOD = "approle";

/** Life of the tokens that an application gets by its login, seconds. */
export interface TokenLife {
  /** Until it has to be renewed. Upstream: 60. */
  readonly ttl: number;
  /** However often it is renewed. Upstream: 600. */
  readonly maxTtl: number;
}

/** The entry of the cluster that the platform runs on. */
export interface HostCluster {
  /** Key of the entry; the portal's database knows the cluster by the same. */
  readonly id: string;
  /** Address of the API server, as the portal uses it. */
  readonly apiUrl: string;
  readonly account: { readonly namespace: string; readonly name: string };
  /** Life of the token that is asked for, seconds; the API server may give less. */
  readonly tokenSeconds: number;
}

export interface DesiredVault {
  /** Addresses of the nodes. */
  readonly nodes: readonly string[];
  readonly seal: Pick<VaultSeal, "type" | "shares" | "threshold">;
  readonly keysSecret: { readonly namespace: string; readonly name: string };
  /** Write every request to standard output, secrets replaced by hashes. */
  readonly audit: boolean;
  /** Mount point of the key-value engine, version 2. */
  readonly engine: string;
  /** Beginning of the names of all roles; others that begin so are deleted. */
  readonly rolePrefix: string;
  /** Role → what it may do; role and policy have the same name. */
  readonly policies: Readonly<Record<string, VaultPolicy>>;
  readonly tokenLife: TokenLife;
  /** @default the entry is not written */
  readonly hostCluster?: HostCluster | undefined;
}

/** Secret of one role in the credentials that the script reads: `<role>.role-id`, `<role>.secret-id`. */
export function credentialKey(role: string, kind: "role-id" | "secret-id"): string {
  return `${role}.${kind}`;
}

/** What the bootstrap reads, JSON: the same desired state gives the same text. */
export function desiredVaultState(desired: DesiredVault): string {
  const { policies, tokenLife, seal, ...rest } = desired;
  const roles = Object.entries(policies)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, policy]) => ({
      name,
      policy: policyText(policy),
      // Compared field by field with what Vault says about a role.
      settings: {
        token_policies: [name],
        token_ttl: tokenLife.ttl,
        token_max_ttl: tokenLife.maxTtl,
        bind_secret_id: true,
        // The program makes a new secret id when it is told to, and the bootstrap then destroys the old one.
        secret_id_ttl: 0,
        secret_id_num_uses: 0,
      },
    }));
  // Vault only distinguishes keys that open nodes from those that do not.
  const kind = seal.type === "shamir" ? "shamir" : "automatic";
  return stableJson({ ...rest, method: LOGIN_METHOD, seal: { ...seal, type: kind }, roles }, 2);
}
