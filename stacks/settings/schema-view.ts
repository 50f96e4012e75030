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

/** Whether a part of a schema is a field; JSON Schema allows plain true and false, too. */
export function isField(field: unknown): field is Field {
  return isPlainObject(field);
}
