import { ensureGoServer, goServers } from "../../servers/go-servers";
import type { ImageDefinition } from "../definition";

const server = goServers.vault;

/**
 * Takes the place of `hashicorp/vault` for manifests that name the command, `vault server -config=FILE`. The other image's
 * own entrypoint, which starts a server for development, is left out, and so is the user interface.
 * @param name the key in the catalogue; both lines there get the one version whose sources can be built
 */
function vault<Name extends string>(name: Name) {
  return {
    name,
    tag: server.version,
    title: `Vault ${server.version} (built from source, without user interface)`,
    packages: [],
    prepare: async (progress) => {
      await ensureGoServer(server, progress);
    },
    content: [{ from: server.program, to: "/usr/bin/vault", mode: 0o755 }],
    accounts: [{ name: "vault", uid: 100, gid: 1000, home: "/home/vault" }],
    directories: [{ path: "/vault/data", owner: "100:1000", mode: 0o700 }],
    process: {
      entrypoint: ["/usr/bin/vault"],
      user: "100:1000",
      environment: { HOME: "/home/vault" },
    },
  } as const satisfies ImageDefinition;
}

export const vaultImage = vault("vault");
export const vault111Image = vault("vault-1.11");
