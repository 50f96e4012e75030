import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
import { parseStackYaml } from "../../stacks/render/stack-yaml";
import { UserError } from "../user-error";
import { type RealNodeSettings, withRealNodeSettings } from "./real-node-settings";
import type { ClusterIdentity } from "./target";

/** What a run needs to know of `Pulumi.<stack>.yaml`. */
export interface StackFile {
  /** The text, with the salt that the engine wrote in an earlier run if the repository's file has none. */
  readonly text: string;
  /** True when the repository's file names its own encryption: the user's passphrase or key service is needed then. */
  readonly ownEncryption: boolean;
  /** True when that encryption is a passphrase. */
  readonly ownPassphrase: boolean;
  /** The salt of that passphrase, also one that nothing in the file needs. */
  readonly salt: string | undefined;
  /** True when the repository's file holds encrypted values. */
  readonly encryptedValues: boolean;
  /** The setting `platform:cluster`. */
  readonly cluster: ClusterIdentity | undefined;
}

/** What a work folder was made of. */
export interface WorkFolder {
  readonly file: StackFile;
  /** What the user should know of it. */
  readonly warnings: readonly string[];
}

/**
 * Gives the engine a folder of its own with copies of the project and stack files, because it writes into them: the
 * repository's files stay as they are, and edits of them still take effect in the next run.
 * @param repository folder of Pulumi.yaml and the stack files
 * @param folder created if needed
 * @param realNode what the copy says on top, where containers really run
 * @param stateSalt what the embedded cluster's state was made with. @default the stack is on another cluster
 * @throws UserError when the repository has no such stack, or its file cannot be read
 */
export function prepareWorkFolder(
  repository: string,
  folder: string,
  stack: string,
  realNode?: RealNodeSettings,
  stateSalt?: () => string | undefined,
): WorkFolder {
  const name = `Pulumi.${stack}.yaml`;
  const source = join(repository, name);
  if (!existsSync(source)) {
    throw new UserError(
      `There is no stack "${stack}": ${name} does not exist. Known: ${stackNames(repository).join(", ")}.`,
    );
  }
  const copy = join(folder, name);
  const previous = existsSync(copy) ? readFileSync(copy, "utf8") : "";
  const file = readStackFile(name, readFileSync(source, "utf8"), previous, stateSalt);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  copyFileSync(join(repository, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  const { text, hindrance } =
    realNode === undefined
      ? { text: file.text, hindrance: undefined }
      : withRealNodeSettings(name, file.text, realNode);
  writeFileSync(copy, text);
  return { file, warnings: hindrance === undefined ? [] : [hindrance] };
}

/** Names of the stacks that have a file in the repository. */
export function stackNames(repository: string): string[] {
  return readdirSync(repository)
    .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/**
 * @param name file name for messages
 * @param text the repository's file
 * @param previous the copy that the engine used last, or ""
 * @param stateSalt what the embedded cluster's state was made with. That cluster has a passphrase of its own, so that a
 *   salt which nothing in the file needs, as every plain `pulumi` run leaves it there, counts only if the state has it, too
 */
export function readStackFile(
  name: string,
  text: string,
  previous: string,
  stateSalt?: () => string | undefined,
): StackFile {
  const document = parseStackYaml(name, text);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new UserError(`${name} should be a YAML object with the key \`config\`.`);
  }
  const provider = document.get("secretsprovider");
  const given = document.get("encryptionsalt");
  const salt = typeof given === "string" ? given : undefined;
  const encryptedValues = /^\s*["']?secure["']?\s*:|[{,]\s*["']?secure["']?\s*:/m.test(text);
  const isLeftover =
    salt !== undefined && provider === undefined && !encryptedValues && stateSalt !== undefined && stateSalt() !== salt;
  const ownPassphrase = !isLeftover && (salt !== undefined || provider === "passphrase");
  const ownEncryption = ownPassphrase || document.has("secretsprovider");
  const earlier = ownEncryption ? undefined : parseDocument(previous).get("encryptionsalt");
  const kept = isLeftover ? text.replace(/^encryptionsalt:.*(\r?\n|$)/m, "") : text;
  return {
    text:
      typeof earlier === "string" && earlier !== salt
        ? `${kept.trimEnd()}\nencryptionsalt: ${earlier}\n`.trimStart()
        : kept,
    ownEncryption,
    ownPassphrase,
    salt,
    encryptedValues,
    cluster: clusterSetting(name, document.toJS()),
  };
}

function clusterSetting(
  name: string,
  content: { config?: Record<string, unknown> } | null,
): ClusterIdentity | undefined {
  const cluster = content?.config?.["platform:cluster"];
  if (cluster === undefined) return undefined;
  const fits =
    typeof cluster === "object" &&
    cluster !== null &&
    ["context", "server"].every((key) => ["string", "undefined"].includes(typeof Reflect.get(cluster, key)));
  if (fits) return cluster;
  throw new UserError(
    `platform:cluster in ${name} should be an object such as \`{ context: NAME, server: https://HOST }\`.`,
  );
}
