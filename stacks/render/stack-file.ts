import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "../../sandbox/user-error";
import { type ProgramEnvironment, SECRET } from "./recording-monitor";

/** Names of the stacks that have a file `Pulumi.<stack>.yaml` in the folder. */
export function stackNames(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((file) => /^Pulumi\.([\w.-]+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/**
 * Reads a stack's configuration from the files, without the Pulumi CLI: encrypted values stay unknown.
 * @throws UserError when there is no such stack or a file is not what Pulumi expects
 */
export function readStackFile(folder: string, stack: string): ProgramEnvironment {
  const { name: project } = readYaml(join(folder, "Pulumi.yaml"));
  const file = join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    throw new UserError(
      `There is no stack "${stack}": its file Pulumi.${stack}.yaml is missing. Stacks: ${stackNames(folder).join(", ")}.`,
    );
  }
  const { config } = readYaml(file);
  if (typeof project !== "string" || !isObject(config)) {
    throw new UserError(`Pulumi.yaml needs a \`name\`, and Pulumi.${stack}.yaml a \`config\` with keys and values.`);
  }
  const entries = Object.entries(config).map(([key, value]) => ({
    key: key.includes(":") ? key : `${project}:${key}`,
    ...opened(value),
  }));
  return {
    project,
    stack,
    configuration: Object.fromEntries(
      entries.map(({ key, value }) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
    secretKeys: entries.filter(({ secret }) => secret).map(({ key }) => key),
  };
}

/** Replaces `{ secure: … }` at any depth, and says whether there was one. */
function opened(value: unknown): { value: unknown; secret: boolean } {
  if (Array.isArray(value)) {
    const items = value.map(opened);
    return { value: items.map((each) => each.value), secret: items.some((each) => each.secret) };
  }
  if (!isObject(value)) {
    return { value, secret: false };
  }
  if (Object.keys(value).length === 1 && typeof value["secure"] === "string") {
    return { value: SECRET, secret: true };
  }
  const fields = Object.entries(value).map(([key, each]) => [key, opened(each)] as const);
  return {
    value: Object.fromEntries(fields.map(([key, each]) => [key, each.value])),
    secret: fields.some(([, each]) => each.secret),
  };
}

function readYaml(path: string): Record<string, unknown> {
  const content: unknown = parse(readFileSync(path, "utf8"));
  if (!isObject(content)) {
    throw new UserError(`${path} is empty or not a map of keys and values.`);
  }
  return content;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
