import { stringify } from "yaml";
import { allowedWords, describeAllowed } from "./allowed";
import { isPlainObject } from "./merge";
import { presets } from "./parse";
import { formatPath, type SettingPath, valueAt } from "./paths";
import { settingsSchema } from "./schema";
import { choiceOf, type Field, fieldAt, fieldsOf, viewOf } from "./schema-view";
import { isSecret } from "./secrets";

const introduction = `# Settings

<!-- Generated from the schema in stacks/settings by \`npm run settings -- --write\`. Do not edit. -->

Every setting of a stack stands in its file \`Pulumi.<stack>.yaml\`: one object for each system under \`config\`, such as
\`platform:openchecker\`. Three layers make up the value that is used; the upper one wins:

1. what the stack file says,
2. the preset of the environment, \`stacks/dev.ts\` or \`stacks/prod.ts\`,
3. the defaults on this page.

Stack file and preset are merged: objects key by key, lists and single values as a whole. An object that chooses another
variant (another \`type\` of an exposure or of an autoscaling, another \`from\` of a certificate) replaces the one of the
preset completely. A default, however, gives way as a whole to what a layer above sets.

Edit the file, or let Pulumi do it. With \`--path\`, whole numbers, \`true\` and \`false\` keep their type; \`--type string\`
makes text of them:

\`\`\`sh
pulumi config set --stack prod --path platform:openchecker.agents.replicas 5
pulumi config set --stack prod --path 'platform:openchecker.agents.nodeSelector["kubernetes.io/arch"]' amd64
pulumi config set --stack prod --secret --path platform:openchecker.tokens.github
\`\`\`

A setting of the type *secret* is refused when it is not encrypted, and never shown. Unknown settings, wrong types, values
out of range and combinations that cannot work are reported all at once, before anything is registered.

The last column also says where a value comes from: *seed* is the document that describes OpenChecker's deployment, *upstream*
the manifests of the systems themselves; everything else was chosen by this program.
`;

/** The reference of all settings as Markdown; the same for the same schema. */
export function settingsReference(): string {
  const sections = Object.entries(fieldsOf(viewOf(settingsSchema)));
  return `${[introduction, ...sections.map(([name, field]) => section(name, field))].join("\n")}`;
}

function section(name: string, field: Field): string {
  const heading = [`## \`${formatPath([name])}\``, "", field.description ?? "", ""];
  if (Object.keys(fieldsOf(field)).length === 0) {
    return [...heading, `Allowed: ${describeAllowed(field)}.`, ""].join("\n");
  }
  return [
    ...heading,
    "```yaml",
    ...example([name], field, "", true),
    "```",
    "",
    "| Setting | Type | Default | Allowed | Meaning |",
    "|---|---|---|---|---|",
    ...rows([name], field, true).map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`),
    "",
  ].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** Lines of YAML with every setting at its default; what has none is commented out, unless it is required. */
function example(path: SettingPath, field: Field, indent: string, required: boolean): string[] {
  const key = path.length === 1 ? formatPath(path) : String(path.at(-1));
  const comment = path.length === 1 ? [] : [`${indent}# ${summary(field)}`];
  const children = Object.entries(fieldsOf(field));
  if (children.length > 0 && choiceOf(field) === undefined) {
    const below = children.flatMap(([name, child]) =>
      example([...path, name], child, `${indent}  `, isRequired(field, name)),
    );
    const lines = [`${indent}${key}:`, ...below];
    const active = (required || field.default !== undefined) && below.some((line) => !line.trimStart().startsWith("#"));
    return [...comment, ...(active ? lines : commentedOut(lines, indent))];
  }
  const known = field.default ?? valueAt(presets.prod, path);
  const lines = stringify({ [key]: known ?? exampleValue(field) }, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => indent + line);
  return [...comment, ...(known !== undefined || required ? lines : commentedOut(lines, indent))];
}

function commentedOut(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => `${indent}# ${line.slice(indent.length)}`);
}

/** Stands where there is neither a default nor a preset. */
function exampleValue(field: Field): unknown {
  if (isSecret(field)) {
    return "(set it with pulumi config set --secret)";
  }
  const items = isPlainObject(field.items) ? field.items : undefined;
  return field.examples?.[0] ?? field.enum?.[0] ?? items?.["examples"] ?? "…";
}

/** The first sentence. */
function summary({ description = "" }: Field): string {
  return description.split(/(?<=\.) /)[0] ?? description;
}

type Row = readonly [setting: string, type: string, defaultValue: string, allowed: string, meaning: string];

/** @param when the variants of choices that the row belongs to */
function rows(path: SettingPath, field: Field, required: boolean, when: readonly string[] = []): Row[] {
  const choice = choiceOf(field);
  if (choice !== undefined) {
    const variants = [...choice.variants].flatMap(([name, variant]) =>
      variantRows(path, variant, choice.key, [...when, `${choice.key}: ${name}`]),
    );
    return [row(path, field, required, when), ...variants];
  }
  const below = Object.entries(fieldsOf(field)).flatMap(([name, child]) =>
    rows([...path, name], child, isRequired(field, name), when),
  );
  if (below.length > 0) {
    // An object whose keys follow says nothing new, unless leaving it out means something.
    return field.default === undefined && !required ? [row(path, field, required, when), ...below] : below;
  }
  return [
    row(path, field, required, when),
    ...entryRows([...path, 0], field.items),
    ...entryRows([...path, "<name>"], field.additionalProperties),
  ];
}

/** Rows of what a list or an object of freely named entries holds, when that is more than a single value. */
function entryRows(path: SettingPath, entry: unknown): Row[] {
  return isPlainObject(entry) && Object.keys(fieldsOf(entry)).length > 0 ? rows(path, entry, true) : [];
}

function variantRows(path: SettingPath, variant: Field, key: string, when: readonly string[]): Row[] {
  return Object.entries(fieldsOf(variant)).flatMap(([child, field]): Row[] =>
    child === key
      ? [[settingCell([...path, key], when), "variant", "", "", field.description ?? ""]]
      : rows([...path, child], field, isRequired(variant, child), when),
  );
}

function row(path: SettingPath, field: Field, required: boolean, when: readonly string[]): Row {
  const allowed = field.default === undefined ? describeAllowed(field) : allowedWords(field);
  return [
    settingCell(path, when),
    typeName(field),
    defaultCell(path, field, required),
    field.type === "boolean" ? "" : allowed,
    meaning(field),
  ];
}

function settingCell(path: SettingPath, when: readonly string[]): string {
  const setting = code(display(path));
  return when.length === 0 ? setting : `${setting} with ${when.map(code).join(", ")}`;
}

function display(path: SettingPath): string {
  const [, ...below] = path;
  return below.length === 0
    ? formatPath(path)
    : below.map((key, index) => (typeof key === "number" ? "[]" : `${index === 0 ? "" : "."}${key}`)).join("");
}

function typeName(field: Field): string {
  if (isSecret(field)) {
    return "secret";
  }
  if (choiceOf(field) !== undefined) {
    return "choice";
  }
  switch (field.type) {
    case "integer":
    case "number":
      return "number";
    case "array":
      return "list";
    case "object":
    case "boolean":
      return field.type;
    default:
      return "text";
  }
}

function defaultCell(path: SettingPath, field: Field, required: boolean): string {
  const ofPresets = Object.entries(presets).flatMap(([name, preset]) => {
    // The same key may belong to a variant that the preset does not choose.
    const set = fieldAt(viewOf(settingsSchema), path, preset) === field ? valueAt(preset, path) : undefined;
    return set === undefined ? [] : [`${name}: ${value(set)}`];
  });
  if (field.default !== undefined) {
    return [value(field.default), ...ofPresets].join("; ");
  }
  return required && ofPresets.length === 0 ? "required" : ofPresets.join("; ");
}

function value(data: unknown): string {
  const text = JSON.stringify(data);
  return text.length > 160 ? "see the example above" : code(text);
}

function meaning({ description = "", unit, source }: Field): string {
  const details = [unit, source].filter((each) => typeof each === "string");
  return details.length === 0 ? description : `${description} (${details.join("; ")})`;
}

function isRequired(field: Field, key: string): boolean {
  return field.required?.includes(key) ?? false;
}

function code(text: string): string {
  return `\`${text}\``;
}
