/** What a token may do at a path, in Vault's words. */
export type Capability = "create" | "read" | "update" | "delete" | "list" | "deny";

/** Rights at paths of Vault: path → capabilities. A `*` at the end stands for everything below. */
export type VaultPolicy = Readonly<Record<string, readonly Capability[]>>;

/** A policy in Vault's language, its paths sorted. */
export function policyText(policy: VaultPolicy): string {
  return Object.entries(policy)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([path, capabilities]) =>
        `path ${JSON.stringify(path)} {\n  capabilities = [${capabilities.map((each) => JSON.stringify(each)).join(", ")}]\n}\n`,
    )
    .join("\n");
}
