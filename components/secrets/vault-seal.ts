import { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../contracts";
import type { SealStanza } from "./vault-configuration";

/** Where a pod finds the credentials of an automatic unseal that its software wants as a file. */
export const SEAL_DIRECTORY = "/run/secrets/vault-seal";

/** Entry with the key of a Google service account; the only credentials that come as a file. */
const GOOGLE_KEY = "credentials.json";

const SECRET_NAME = "vault-seal";

/** How the nodes are opened after a start. */
export type VaultSeal =
  | {
      /** By unseal keys: this many are made, and so many of them open a node. */
      readonly type: "shamir";
      readonly shares: number;
      readonly threshold: number;
    }
  | ({
      /** Recovery keys, which open nothing, but are needed for a new root token. */
      readonly shares: number;
      readonly threshold: number;
      /**
       * Secret. Environment variable → value, as Vault's documentation names them (`VAULT_TOKEN`,
       * `AWS_SECRET_ACCESS_KEY`, …); for gcpckms the entry `credentials.json`. Empty where the machine has a login.
       */
      readonly credentials: Readonly<Record<string, pulumi.Input<string>>>;
      /** The server with the key, which every node talks to. */
      readonly server: Endpoint;
    } & SealStanza);

/** The seal as the configuration file says it, or undefined for unseal keys. */
export function sealStanza(seal: VaultSeal): SealStanza | undefined {
  if (seal.type === "shamir") {
    return undefined;
  }
  const { type, parameters, credentials } = seal;
  return type === "gcpckms" && GOOGLE_KEY in credentials
    ? { type, parameters: { ...parameters, credentials: `${SEAL_DIRECTORY}/${GOOGLE_KEY}` } }
    : { type, parameters };
}

/** A Secret and how pods take it: all entries as variables, or as files. */
export interface SealCredentials {
  readonly secretName: string;
  readonly as: "variables" | "files";
}

/** The Secret with the credentials of an automatic unseal, or undefined where none are needed. */
export function addSealCredentials(
  name: string,
  seal: VaultSeal,
  metadata: { readonly namespace: pulumi.Input<string>; readonly labels: Readonly<Record<string, string>> },
  parent: pulumi.Resource,
): { readonly secret: Secret; readonly facts: SealCredentials } | undefined {
  if (seal.type === "shamir" || Object.keys(seal.credentials).length === 0) {
    return undefined;
  }
  const secret = new Secret(
    `${name}-seal`,
    { metadata: { ...metadata, name: SECRET_NAME }, stringData: { ...seal.credentials } },
    { parent, deleteBeforeReplace: true }, // two objects of one name cannot exist at a time
  );
  return { secret, facts: { secretName: SECRET_NAME, as: seal.type === "gcpckms" ? "files" : "variables" } };
}
