import { readFileSync } from "node:fs";
import { join } from "node:path";

function scripts(...names: string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(__dirname, "scripts", name), "utf8")]));
}

/** What the bootstrap runs, and the modules that it imports. */
export const BOOTSTRAP_SCRIPT = "vault_bootstrap.py";
export const bootstrapFiles = scripts(
  BOOTSTRAP_SCRIPT,
  "http_api.py",
  "kubernetes_api.py",
  "vault_api.py",
  "vault_contents.py",
  "vault_root.py",
);

/** What opens a node after each start, and the modules that it imports. */
export const UNSEAL_SCRIPT = "vault_unseal.py";
export const unsealFiles = scripts(UNSEAL_SCRIPT, "http_api.py", "kubernetes_api.py", "vault_api.py");

/** Entry of the keys Secret; `kubernetes_api.py` writes and reads it under the same name. */
export const KEYS_ENTRY = "keys.json";
