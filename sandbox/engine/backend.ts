import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "../user-error";
import type { Target } from "./target";
import type { StackFile } from "./work-folder";

/** Where the engine keeps its state, and how it encrypts the secrets there. */
export interface Backend {
  /** Environment variables of the engine; undefined: the variable must not be passed on to it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Pulumi's own folder: plugins and credentials. */
  readonly home: string;
}

/** The engine's state of the embedded cluster, below the sandbox folder. */
export function stateFolder(sandboxFolder: string): string {
  return join(sandboxFolder, "state");
}

/**
 * @param sandboxFolder the `.sandbox` folder of the checkout
 * @param environment of this process
 * @throws UserError naming the variables to set, with examples
 */
export function chooseBackend(
  target: Target,
  stack: string,
  file: StackFile,
  sandboxFolder: string,
  environment: NodeJS.ProcessEnv,
): Backend {
  const hasPassphrase =
    environment["PULUMI_CONFIG_PASSPHRASE"] !== undefined || environment["PULUMI_CONFIG_PASSPHRASE_FILE"] !== undefined;
  const url = environment["PULUMI_BACKEND_URL"];
  if (target.kind === "cluster" && (url === undefined || url === "")) {
    throw new UserError(
      "Where is the state of this cluster's stacks kept? Set PULUMI_BACKEND_URL, for example " +
        "s3://my-bucket/platform, file:///srv/pulumi-state or https://api.pulumi.com. Nothing has been touched.",
    );
  }
  // A Pulumi service encrypts secrets itself; every other backend wants a passphrase unless a key service is named.
  const serviceEncrypts = target.kind === "cluster" && /^https?:/.test(url ?? "");
  const passphraseNeeded = file.ownEncryption ? file.ownPassphrase : target.kind === "cluster" && !serviceEncrypts;
  if (passphraseNeeded && !hasPassphrase) {
    const reason = file.ownEncryption
      ? `Pulumi.${stack}.yaml is encrypted with a passphrase`
      : "This backend needs a passphrase";
    throw new UserError(
      `${reason}: set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it. ` +
        "Nothing has been touched.",
    );
  }
  if (target.kind === "cluster") {
    return { environment: {}, home: environment["PULUMI_HOME"] ?? join(homedir(), ".pulumi") };
  }
  const state = stateFolder(sandboxFolder);
  mkdirSync(state, { recursive: true });
  return {
    home: join(sandboxFolder, "pulumi-home"),
    environment: {
      PULUMI_BACKEND_URL: pathToFileURL(state).href,
      ...(!file.ownEncryption && {
        PULUMI_CONFIG_PASSPHRASE: undefined, // it would win over the file
        PULUMI_CONFIG_PASSPHRASE_FILE: sandboxPassphrase(sandboxFolder),
      }),
    },
  };
}

/** The file with the sandbox's own passphrase, made in the first run. */
function sandboxPassphrase(sandboxFolder: string): string {
  const path = join(sandboxFolder, "passphrase");
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return path;
}
