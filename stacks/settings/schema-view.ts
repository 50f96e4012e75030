import { z } from "zod";
import { isPlainObject } from "./merge";
import { type SettingPath, valueAt } from "./paths";

/** A field as JSON Schema, together with what `values.ts` adds (unit, source, allowed, secret). */
export type Field = z.core.JSONSchema.BaseSchema;

let cached: { readonly schema: z.ZodType; readonly view: Field } | undefined;

/** The schema of what people write. JSON Schema is a documented format, unlike the inner parts of the schema library. */
export function viewOf(schema: z.ZodType): Field {
  if (cached?.schema !== schema) {
    cached = { schema, view: z.toJSONSchema(schema, { io: "input" }) };
  }
  return cached.view;
}

/** The fields of an object; those of the fitting variant where the object is a choice. */
export function fieldsOf(field: Field, value?: unknown): Readonly<Record<string, Field>> {
  const properties = variantOf(field, value)?.properties ?? {};
  return Object.fromEntries(Object.entries(properties).flatMap(([key, each]) => (isField(each) ? [[key, each]] : [])));
}

/** The field at a path, following the variants that the value chooses. Undefined where the schema has no such field. */
export function fieldAt(field: Field, path: SettingPath, value: unknown): Field | undefined {
  const [key, ...rest] = path;
  if (key === undefined) {
    return field;
  }
  const variant = variantOf(field, value);
  const next =
    typeof key === "number" ? variant?.items : (fieldsOf(field, value)[key] ?? variant?.additionalProperties);
  return isField(next) ? fieldAt(next, rest, valueAt(value, [key])) : undefined;
}

/** The variants of a choice with the key that tells them apart; undefined for everything else. */
export function choiceOf(
  field: Field,
): { readonly key: string; readonly variants: ReadonlyMap<string, Field> } | undefined {
  const variants = field.oneOf?.filter(isField);
  if (variants === undefined) {
    return undefined;
  }
  const constants = (each: Field) =>
    Object.entries(each.properties ?? {}).filter(([, it]) => isField(it) && "const" in it);
  const key = variants.flatMap(constants)[0]?.[0];
  if (key === undefined) {
    return undefined;
  }
  const constantOf = (variant: Field) => {
    const property = variant.properties?.[key];
    return isField(property) ? String(property.const) : "";
  };
  return { key, variants: new Map(variants.map((variant) => [constantOf(variant), variant])) };
}

function variantOf(field: Field, value: unknown): Field | undefined {
  const choice = choiceOf(field);
  return choice === undefined ? field : choice.variants.get(String(valueAt(value, [choice.key])));
}

function isField(field: unknown): field is Field {
  return isPlainObject(field);
}

/** Whether the field is a secret text. */
export function isSecret(field: Field | undefined): boolean {
  return field?.["secret"] === true;
}

/** What may be put there, in words, with the default or another example. */
export function describeAllowed(field: Field): string {
  const example = field.default ?? field.examples?.[0];
  const words = allowedWords(field);
  return example === undefined || isPlainObject(example) || isChoiceOfWords(field)
    ? words
    : `${words}; for example ${JSON.stringify(example)}`;
}

/** A list of all possible values needs no example. */
function isChoiceOfWords(field: Field): boolean {
  return field.enum !== undefined || field.type === "boolean";
}

/** What may be put there, in words. */
export function allowedWords(field: Field): string {
  const choice = choiceOf(field);
  const inWords = field["allowed"];
  if (typeof inWords === "string") {
    return inWords;
  }
  if (choice !== undefined) {
    return `an object whose \`${choice.key}\` is one of ${[...choice.variants.keys()].join(", ")}`;
  }
  if (field.const !== undefined) {
    return String(field.const);
  }
  if (field.enum !== undefined) {
    return `one of ${field.enum.join(", ")}`;
  }
  switch (field.type) {
    case "boolean":
      return "true or false";
    case "integer":
    case "number":
      return `${field.type === "integer" ? "a whole number" : "a number"}${range(field)}`;
    case "array":
      return `a list${(field.minItems ?? 0) > 0 ? ` of at least ${field.minItems}` : ""}${
        isField(field.items) ? `; each entry: ${allowedWords(field.items)}` : ""
      }`;
    case "object":
      return `an object${keysOf(field)}`;
    default:
      return `text${length(field)}`;
  }
}

function keysOf(field: Field): string {
  const keys = Object.keys(field.properties ?? {});
  const names = isField(field.propertyNames) ? field.propertyNames.enum : undefined;
  if (names !== undefined) {
    return ` with names out of ${names.join(", ")}`;
  }
  return keys.length === 0 ? " of named entries" : ` with the keys ${keys.join(", ")}`;
}

function range({ minimum, maximum = Number.MAX_SAFE_INTEGER }: Field): string {
  const upTo = maximum >= Number.MAX_SAFE_INTEGER ? "" : ` to ${maximum}`;
  return minimum === undefined ? "" : ` from ${minimum}${upTo}`;
}

function length({ minLength, maxLength }: Field): string {
  if (maxLength !== undefined) {
    return ` of ${minLength ?? 0} to ${maxLength} characters`;
  }
  return (minLength ?? 0) > 0 ? ", not empty" : "";
}

/** Paths of all secret texts in the schema, `*` for names that people choose: `openchecker.user.password`. */
export function secretPaths(field: Field, path: readonly string[] = []): string[] {
  if (isSecret(field)) {
    return [path.join(".")];
  }
  const below = Object.entries(field.properties ?? {}).flatMap(([key, each]) =>
    isField(each) ? secretPaths(each, [...path, key]) : [],
  );
  const nested = [field.additionalProperties, field.items]
    .filter(isField)
    .flatMap((each) => secretPaths(each, [...path, "*"]));
  const variants = (field.oneOf ?? []).filter(isField).flatMap((each) => secretPaths(each, path));
  return [...new Set([...below, ...nested, ...variants])];
}

/** Paths in `value` that hold something where the schema wants a secret text. */
export function givenSecrets(field: Field, value: unknown, path: SettingPath = []): SettingPath[] {
  if (isSecret(field)) {
    return value === undefined ? [] : [path];
  }
  if (Array.isArray(value)) {
    const { items } = field;
    return isField(items) ? value.flatMap((each, index) => givenSecrets(items, each, [...path, index])) : [];
  }
  if (!isPlainObject(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([key, each]) => {
    const next = fieldAt(field, [key], value);
    return next === undefined ? [] : givenSecrets(next, each, [...path, key]);
  });
}
