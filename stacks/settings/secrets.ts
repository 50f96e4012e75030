import { isPlainObject } from "./merge";
import type { SettingPath } from "./paths";
import { type Field, fieldAt, isField } from "./schema-view";

/** Stands for an encrypted value that the offline commands cannot read; also how they print any secret. */
export const UNKNOWN_SECRET = "[secret]";

/** Whether the field is a secret text. */
export function isSecret(field: Field | undefined): boolean {
  return field?.["secret"] === true;
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
