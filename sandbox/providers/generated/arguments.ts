import { containsUnknown, isMap, isUnknown, type PropertyMap, type PropertyValue } from "../protocol/property-values";
import type { CheckFailure } from "../protocol/resource-provider";
import type { Argument, ArgumentType, GeneratedKind } from "./generated-kind";

/** What is wrong with the arguments of a resource. Messages never contain a value: it may be secret. */
export function argumentFailures(kind: GeneratedKind, args: PropertyMap): CheckFailure[] {
  const names = Object.keys(kind.arguments);
  const unknownNames = Object.keys(args).filter((name) => !(name in kind.arguments));
  const failures: CheckFailure[] = unknownNames.map((property) => ({
    property,
    reason: `The builtin provider has no argument "${property}" here. It takes ${names.join(", ")}.`,
  }));
  for (const [property, argument] of Object.entries(kind.arguments)) {
    const reason = failureOf(argument, args[property] ?? null);
    if (reason !== undefined) failures.push({ property, reason });
  }
  if (failures.length > 0 || containsUnknown(args)) return failures;
  const invalid = kind.validate?.(withDefaults(kind, args));
  return invalid ? [invalid] : [];
}

function failureOf({ type, required }: Argument, value: PropertyValue): string | undefined {
  if (value === null) return required ? `This argument is required; it must be ${descriptions[type]}.` : undefined;
  return isUnknown(value) || checks[type](value) ? undefined : `This argument must be ${descriptions[type]}.`;
}

const descriptions: Readonly<Record<ArgumentType, string>> = {
  string: "a string",
  number: "a whole number of 0 or more",
  boolean: "true or false",
  strings: "a list of strings",
  object: "an object",
};

const checks: Readonly<Record<ArgumentType, (value: PropertyValue) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number" && Number.isInteger(value) && value >= 0,
  boolean: (value) => typeof value === "boolean",
  strings: (value) => Array.isArray(value) && value.every((element) => typeof element === "string"),
  object: isMap,
};

/** The arguments with the default for each one that is missing. */
export function withDefaults(kind: GeneratedKind, args: PropertyMap): PropertyMap {
  const entries = Object.entries(kind.arguments).map(([name, argument]) => [name, args[name] ?? argument.default]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}
