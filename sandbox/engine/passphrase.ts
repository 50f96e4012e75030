import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a salt in a stack file or a state looks like: the salt, and the word `pulumi` encrypted with it. */
const SALT = /^v1:(?<salt>[^:]+):v1:(?<nonce>[^:]+):(?<text>[^:]+)$/;
/** How the engine makes a key out of a passphrase. */
const [ROUNDS, KEY_BYTES, TAG_BYTES] = [1_000_000, 32, 16];

/** Whether the salt was made with this passphrase. Takes a noticeable time, like everything that tries passphrases. */
export function fits(passphrase: string, encryptionSalt: string): boolean {
  const parts = SALT.exec(encryptionSalt)?.groups;
  if (parts === undefined) return false;
  const [salt, nonce, sealed] = ["salt", "nonce", "text"].map((part) => Buffer.from(parts[part] ?? "", "base64"));
  if (salt === undefined || nonce === undefined || sealed === undefined) return false;
  const key = pbkdf2Sync(passphrase, salt, ROUNDS, KEY_BYTES, "sha256");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return (
      `${decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, "utf8")}${decipher.final("utf8")}` === "pulumi"
    );
  } catch {
    return false; // the tag does not fit, or the salt is no salt
  }
}

/** A passphrase, and how people call the place where it stands. */
export interface Passphrase {
  readonly value: string;
  readonly source: string;
}

/** The passphrase that the engine takes from these variables. */
export function givenPassphrase(environment: Readonly<Record<string, string | undefined>>): Passphrase {
  const value = environment["PULUMI_CONFIG_PASSPHRASE"];
  if (value !== undefined) return { value, source: "PULUMI_CONFIG_PASSPHRASE" };
  const path = environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  if (path === undefined || !existsSync(path)) return { value: "", source: "the environment, which has none," };
  return { value: readFileSync(path, "utf8").trim(), source: `the file ${path}` };
}

/** Path of the embedded cluster's state of a stack, and the salt that it was made with. */
export function stateSalt(
  stateFolder: string,
  project: string,
  stack: string,
): { readonly path: string; readonly salt: string | undefined } {
  const path = join(stateFolder, ".pulumi/stacks", project, `${stack}.json`);
  if (!existsSync(path)) return { path, salt: undefined };
  const { checkpoint } = JSON.parse(readFileSync(path, "utf8")) as {
    checkpoint?: { latest?: { secrets_providers?: { state?: { salt?: unknown } } } };
  };
  const salt = checkpoint?.latest?.secrets_providers?.state?.salt;
  return { path, salt: typeof salt === "string" ? salt : undefined };
}

/** All that decides whether the engine can read what is encrypted. */
export interface EncryptionFacts {
  readonly stack: string;
  /** The user's own cluster and backend, or the embedded one. */
  readonly target: "sandbox" | "cluster";
  /** What the engine was given. */
  readonly passphrase: Passphrase;
  /** Salt in the repository's stack file. */
  readonly fileSalt: string | undefined;
  /** The stack file holds encrypted values. */
  readonly encryptedValues: boolean;
  /** The engine's copy of the stack file, and the salt that an earlier run left there. */
  readonly copy: { readonly path: string; readonly salt: string | undefined };
  /** The embedded cluster's state; undefined where it is in a backend of the user's. */
  readonly state: { readonly path: string; readonly salt: string | undefined } | undefined;
}

/** What happened when the engine says "incorrect passphrase", and how to go on. */
export function explainPassphrase(facts: EncryptionFacts): string {
  const { stack, passphrase, fileSalt, copy, state } = facts;
  const file = `Pulumi.${stack}.yaml`;
  const given = `The passphrase in ${passphrase.source}`;
  const opens = (salt: string) => fits(passphrase.value, salt);
  if (fileSalt !== undefined && !opens(fileSalt)) {
    const remove = facts.encryptedValues
      ? "Its encrypted values cannot be read without that one: if it is lost, remove them and the line `encryptionsalt`, and set them again"
      : "Nothing in the file is encrypted, so that you can also remove the line `encryptionsalt`";
    return (
      `${given} is not the one that the line \`encryptionsalt\` of ${file} was made with. Whoever runs plain \`pulumi\` ` +
      "writes it there: set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the passphrase of that run. " +
      `${remove}.`
    );
  }
  if (fileSalt === undefined && copy.salt !== undefined && !opens(copy.salt)) {
    return (
      `${given} is not the one of earlier runs: ${copy.path}, the engine's copy of ${file}, was made with another. ` +
      (facts.target === "sandbox"
        ? resetAdvice(facts)
        : `Set the passphrase that the state in your backend was made with. If ${file} has never been used with ` +
          `another backend, you can remove the copy: it is made anew.`)
    );
  }
  if (state?.salt !== undefined && !opens(state.salt)) {
    return (
      `${given} opens ${file}, but the state of the embedded cluster, ${state.path}, was made with another one. ` +
      resetAdvice(facts)
    );
  }
  return (
    `${given} opens ${file}${copy.salt === undefined ? "" : ` and ${copy.path}`}, but not the state: it was made with ` +
    "another one. Set the passphrase of the run that made the stack; " +
    `\`pulumi stack change-secrets-provider passphrase --stack ${stack}\` gives it a new one.`
  );
}

function resetAdvice({ encryptedValues, fileSalt, stack }: EncryptionFacts): string {
  const own =
    fileSalt !== undefined && !encryptedValues
      ? `Remove the line \`encryptionsalt\` from Pulumi.${stack}.yaml, which holds nothing that is encrypted, or start`
      : "If that passphrase is known, set it; otherwise start";
  return `${own} the embedded cluster anew: \`npm run sandbox -- reset\` deletes it with its state and its passphrase.`;
}
