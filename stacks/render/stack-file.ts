import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isPlainObject } from "../settings/merge";
import { UNKNOWN_SECRET } from "../settings/secrets";
import type { ProgramEnvironment } from "./recording-monitor";
import { readStackYaml } from "./stack-yaml";

/** A stack that is missing or whose file is not what Pulumi expects. */
export class StackFileError extends Error {
  /** The launcher prints errors of this name without a stack: the user can act on them. */
  override readonly name = "UserError";
}

/** Names of the stacks that have a file `Pulumi.<stack>.yaml` in the folder. */
export function stackNames(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((file) => /^Pulumi\.([\w.-]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/**
 * Reads a stack's configuration from the files, without the Pulumi CLI: encrypted values stay unknown.
 * @throws StackFileError when there is no such stack or a file is not what Pulumi expects
 */
export function readStackFile(folder: string, stack: string): ProgramEnvironment {
  const { name: project } = readYaml(join(folder, "Pulumi.yaml"));
  const file = join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    throw new StackFileError(
      `There is no stack "${stack}": its file Pulumi.${stack}.yaml is missing. Stacks: ${stackNames(folder).join(", ")}.`,
    );
  }
  const { config } = readYaml(file);
  if (typeof project !== "string" || !isPlainObject(config)) {
    throw new StackFileError(
      `Pulumi.yaml needs a \`name\`, and Pulumi.${stack}.yaml a \`config\` with keys and values.`,
    );
  }
  const entries = Object.entries(config).map(([key, value]) => ({
    key: key.includes(":") ? key : `${project}:${key}`,
    ...opened(value),
  }));
  return {
    project,
    stack,
    configuration: Object.fromEntries(entries.map(({ key, value }) => [key, textOf(value)])),
    secretKeys: entries.filter(({ secret }) => secret).map(({ key }) => key),
  };
}

/** As the CLI hands it to the program; a key without a value is an empty text. */
function textOf(value: unknown): string {
  return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** Replaces `{ secure: … }` at any depth, and says whether there was one. */
function opened(value: unknown): { value: unknown; secret: boolean } {
  if (Array.isArray(value)) {
    const items = value.map(opened);
    return { value: items.map((each) => each.value), secret: items.some((each) => each.secret) };
  }
  if (!isPlainObject(value)) {
    return { value, secret: false };
  }
  if (Object.keys(value).length === 1 && typeof value["secure"] === "string") {
    return { value: UNKNOWN_SECRET, secret: true };
  }
  const fields = Object.entries(value).map(([key, each]) => [key, opened(each)] as const);
  return {
    value: Object.fromEntries(fields.map(([key, each]) => [key, each.value])),
    secret: fields.some(([, each]) => each.secret),
  };
}

function readYaml(path: string): Record<string, unknown> {
  const content = readStackYaml(path, readFileSync(path, "utf8"));
  if (!isPlainObject(content)) {
    throw new StackFileError(`${path} is empty or not a map of keys and values.`);
  }
  return content;
}
