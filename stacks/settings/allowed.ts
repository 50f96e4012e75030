import { isPlainObject } from "./merge";
import { choiceOf, type Field, isField } from "./schema-view";

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
