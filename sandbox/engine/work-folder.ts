import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
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
 * @throws UserError when the repository has no such stack, or its file cannot be read
 */
export function prepareWorkFolder(
  repository: string,
  folder: string,
  stack: string,
  realNode?: RealNodeSettings,
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
  const file = readStackFile(name, readFileSync(source, "utf8"), previous);
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
 */
export function readStackFile(name: string, text: string, previous: string): StackFile {
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem !== undefined) throw new UserError(`${name} is not valid YAML: ${problem.message}`);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new UserError(`${name} should be a YAML object with the key \`config\`.`);
  }
  const provider = document.get("secretsprovider");
  const ownPassphrase = document.has("encryptionsalt") || provider === "passphrase";
  const ownEncryption = ownPassphrase || document.has("secretsprovider");
  const salt = ownEncryption ? undefined : parseDocument(previous).get("encryptionsalt");
  return {
    text: typeof salt === "string" ? `${text.trimEnd()}\nencryptionsalt: ${salt}\n`.trimStart() : text,
    ownEncryption,
    ownPassphrase,
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
