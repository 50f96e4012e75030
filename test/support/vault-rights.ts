import type { VaultApplication } from "../../components/secrets/vault-kpaas-policies";

/** One call of a Vault's API. @returns status and the answer's JSON, empty where there is none */
export type VaultCall = (
  method: string,
  path: string,
  request?: { readonly token?: string; readonly body?: unknown },
) => Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }>;

/** Path of the entry of the cluster that the platform runs on. @param id of that cluster */
export const hostEntry = (id: string) => `secret/data/cluster/${id}`;

/**
 * Application, method, path, and the status that Vault answers with. To be tried in this order, on a Vault that has the
 * entry of the host cluster and nothing else. @param hostClusterId the cluster that the platform runs on
 */
export const vaultRights = (
  hostClusterId: string,
): readonly (readonly [VaultApplication, string, string, number])[] => [
  ["cp-portal-api", "POST", "secret/data/user/u1/c1", 200],
  ["cp-portal-api", "POST", "secret/data/AWS/1", 200],
  ["cp-portal-api", "POST", "secret/data/ssh-key/1", 200],
  ["cp-portal-api", "POST", "secret/data/elsewhere", 403],
  ["cp-portal-metric-api", "GET", hostEntry(hostClusterId), 200],
  ["cp-portal-metric-api", "POST", hostEntry(hostClusterId), 403],
  ["cp-portal-metric-api", "GET", "secret/data/user/u1/c1", 403],
  ["cp-portal-catalog-api", "GET", "secret/data/user/u1/c1", 200],
  ["cp-portal-catalog-api", "POST", "secret/data/user/u1/c1", 403],
  ["cp-portal-chaos-collector", "GET", hostEntry(hostClusterId), 200],
  ["cp-portal-chaos-collector", "GET", "secret/data/user/u1/c1", 403],
  ["cp-portal-terraman", "POST", "secret/data/cluster/new", 200],
  ["cp-portal-terraman", "POST", hostEntry(hostClusterId), 403],
  ["cp-portal-terraman", "GET", "secret/data/cluster/new", 403],
  ["cp-portal-terraman", "GET", "secret/data/OPENSTACK/1", 404],
  ["cp-portal-terraman", "GET", "secret/data/ssh-key/1", 200],
  ["cp-portal-terraman", "POST", "secret/data/ssh-key/1", 403],
  ["cp-portal-terraman", "GET", "sys/policies/acl/cp-portal-api", 403],
];

/** A root token as an administrator makes one. @param keys at least the two that are needed */
export async function rootToken(call: VaultCall, keys: readonly string[]): Promise<string> {
  const { json } = await call("PUT", "sys/generate-root/attempt", { body: {} });
  const { nonce, otp } = json as { nonce: string; otp: string };
  let coded = "";
  for (const key of keys.slice(0, 2)) {
    const answer = await call("PUT", "sys/generate-root/update", { body: { key, nonce } });
    coded = String(answer.json["encoded_token"] ?? "");
  }
  const bytes = Buffer.from(coded, "base64");
  return Buffer.from(bytes.map((byte, index) => byte ^ otp.charCodeAt(index))).toString();
}

/** The policies of each token that is alive. @param token one that may see them all */
export async function policiesOfAllTokens(call: VaultCall, token: string): Promise<readonly (readonly string[])[]> {
  const { json } = await call("LIST", "auth/token/accessors", { token });
  const { keys: accessors } = json["data"] as { keys: string[] };
  return Promise.all(
    accessors.map(async (accessor) => {
      const found = await call("POST", "auth/token/lookup-accessor", { token, body: { accessor } });
      return (found.json["data"] as { policies: string[] }).policies;
    }),
  );
}
