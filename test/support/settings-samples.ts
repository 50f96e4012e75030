import { settingsSchema } from "../../stacks/settings";
import { choiceOf, type Field, fieldsOf, isField, viewOf } from "../../stacks/settings/schema-view";
import { sampleAuthority, sampleSshKey } from "./sample-pem";

/** One place in the settings, and how settings look that hold a value there. */
export interface SettingPlace {
  readonly path: readonly (string | number)[];
  readonly field: Field;
  /** Settings that hold this value at the path, and around it what is required there. */
  readonly holding: (value: unknown) => Record<string, unknown>;
}

/** Every place of the schema that can be set, in each variant of each choice. */
export function settingPlaces(): SettingPlace[] {
  return placesOf(viewOf(settingsSchema), [], (value) => value);
}

type Wrap = (value: unknown) => unknown;

function placesOf(field: Field, path: readonly (string | number)[], wrap: Wrap): SettingPlace[] {
  const self: SettingPlace = { path, field, holding: wrap as SettingPlace["holding"] };
  if (field["secret"] === true) {
    return [self];
  }
  const choice = choiceOf(field);
  const objects = choice === undefined ? [field] : [...choice.variants.values()];
  const below = objects.flatMap((object) => {
    const around = sampleOf(object) as Record<string, unknown>;
    return Object.entries(fieldsOf(object)).flatMap(([key, each]) =>
      placesOf(each, [...path, key], (value) => wrap({ ...around, [key]: value })),
    );
  });
  const item = isField(field.items) ? placesOf(field.items, [...path, 0], (value) => wrap([value])) : [];
  return [...below, ...item, ...entryOf(field, path, wrap), ...(path.length === 0 ? [] : [self])];
}

/** An entry of an object whose names people choose. */
function entryOf(field: Field, path: readonly (string | number)[], wrap: Wrap): SettingPlace[] {
  const { additionalProperties: entry, propertyNames: names } = field;
  const name = isField(names) && names.enum !== undefined ? String(names.enum[0]) : "sample";
  return isField(entry) ? placesOf(entry, [...path, name], (value) => wrap({ [name]: value })) : [];
}

/** A value that the field takes, by what the schema says about it. */
export function sampleOf(field: Field): unknown {
  const words = String(field["allowed"] ?? "");
  if (field["secret"] === true) {
    return words.includes("private key")
      ? sampleSshKey()
      : words.includes("JSON")
        ? '{"type":"service_account"}'
        : "Passw0rd12345";
  }
  const choice = choiceOf(field);
  if (choice !== undefined) {
    return field.default ?? sampleOf([...choice.variants.values()][0] ?? {});
  }
  const given = field.const ?? field.enum?.[0] ?? (field.type === "object" ? undefined : field.default);
  if (given !== undefined) {
    return given;
  }
  if (words.includes("PEM")) {
    return sampleAuthority;
  }
  if (field.type === "object" && field.properties === undefined && field.examples !== undefined) {
    return field.examples[0]; // names that people choose, of which there may have to be one
  }
  if (field.type === "object") {
    const required = Object.entries(fieldsOf(field)).filter(([key]) => field.required?.includes(key));
    return Object.fromEntries(required.map(([key, each]) => [key, sampleOf(each)]));
  }
  return field.examples?.[0] ?? sampleByType(field, words);
}

function sampleByType(field: Field, words: string): unknown {
  switch (field.type) {
    case "array":
      return (field.minItems ?? 0) > 0 && isField(field.items) ? [sampleOf(field.items)] : [];
    case "integer":
    case "number":
      return Math.max(field.minimum ?? 1, 1);
    case "boolean":
      return false;
    default:
      return words.includes("of Azure") ? "00000000-0000-0000-0000-000000000001" : "sample.example.org";
  }
}
