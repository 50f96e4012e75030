import { randomInt } from "node:crypto";
import { hash } from "bcryptjs";
import type { GeneratedKind } from "../generated/generated-kind";
import { numberAt, type PropertyMap, stringAt } from "../protocol/property-values";
import { keepers } from "./identifiers";

/** Work factor of the official provider's bcrypt hash. */
const bcryptCost = 10;

const textArguments = {
  ...keepers,
  length: { type: "number", required: true },
  lower: { type: "boolean", default: true },
  minLower: { type: "number", default: 0 },
  minNumeric: { type: "number", default: 0 },
  minSpecial: { type: "number", default: 0 },
  minUpper: { type: "number", default: 0 },
  /** Older name of `numeric`. */
  number: { type: "boolean" },
  numeric: { type: "boolean" },
  overrideSpecial: { type: "string" },
  special: { type: "boolean", default: true },
  upper: { type: "boolean", default: true },
} as const;

export const randomStringKind: GeneratedKind = {
  arguments: textArguments,
  outputs: ["result"],
  secrets: [],
  schemaVersion: 2,
  validate: validateText,
  generate: async (args) => {
    const result = randomText(args);
    return { id: result, outputs: { result, ...numericSpellings(args) } };
  },
  import: async (value) => ({
    id: value,
    outputs: { result: value, ...numericSpellings({}) },
    arguments: { length: value.length },
  }),
};

export const randomPasswordKind: GeneratedKind = {
  arguments: textArguments,
  outputs: ["bcryptHash", "result"],
  secrets: ["bcryptHash", "result"],
  schemaVersion: 3,
  validate: validateText,
  generate: async (args) => ({ id: "none", outputs: await describePassword(randomText(args), args) }),
  import: async (value) => ({
    id: "none",
    outputs: await describePassword(value, {}),
    arguments: { length: value.length },
  }),
};

async function describePassword(result: string, args: PropertyMap): Promise<PropertyMap> {
  return { result, bcryptHash: await hash(result, bcryptCost), ...numericSpellings(args) };
}

/** The state has both spellings of the argument. */
function numericSpellings(args: PropertyMap): PropertyMap {
  const numeric = allowsDigits(args);
  return { number: numeric, numeric };
}

function allowsDigits(args: PropertyMap): boolean {
  return (args["numeric"] ?? args["number"] ?? true) === true;
}

interface CharacterClass {
  readonly characters: string;
  readonly minimum: number;
}

function characterClasses(args: PropertyMap): CharacterClass[] {
  const special = stringAt(args, "overrideSpecial") || "!@#$%&*()-_=+[]{}<>:?";
  const candidates = [
    { allowed: args["lower"], characters: "abcdefghijklmnopqrstuvwxyz", minimum: "minLower" },
    { allowed: args["upper"], characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", minimum: "minUpper" },
    { allowed: allowsDigits(args), characters: "0123456789", minimum: "minNumeric" },
    { allowed: args["special"], characters: special, minimum: "minSpecial" },
  ];
  return candidates
    .map(({ allowed, characters, minimum }) => ({
      // A class that is switched off still gives its minimum, as in the official provider.
      characters,
      minimum: numberAt(args, minimum) ?? 0,
      allowed: allowed === true,
    }))
    .filter(({ allowed, minimum }) => allowed || minimum > 0);
}

/** Text from a cryptographic source in which every character of a class is equally likely. */
export function randomText(args: PropertyMap): string {
  const classes = characterClasses(args);
  const all = classes.map(({ characters }) => characters).join("");
  const required = classes.flatMap(({ characters, minimum }) => pick(characters, minimum));
  const length = numberAt(args, "length") ?? 0;
  return shuffle([...required, ...pick(all, length - required.length)]).join("");
}

function pick(characters: string, count: number): string[] {
  return Array.from({ length: count }, () => characters.charAt(randomInt(characters.length)));
}

/** Fisher and Yates: every order is equally likely. */
function shuffle(characters: string[]): string[] {
  const shuffled = [...characters];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1);
    [shuffled[index], shuffled[other]] = [shuffled[other] ?? "", shuffled[index] ?? ""];
  }
  return shuffled;
}

function validateText(args: PropertyMap) {
  const length = numberAt(args, "length") ?? 0;
  const minimum = ["minLower", "minNumeric", "minSpecial", "minUpper"]
    .map((name) => numberAt(args, name) ?? 0)
    .reduce((sum, count) => sum + count, 0);
  if (length < Math.max(1, minimum)) {
    const reason = `length is ${length}, but must be 1 or more and not less than all minimums together (${minimum}).`;
    return { property: "length", reason };
  }
  if (characterClasses(args).length > 0) return undefined;
  return { property: "special", reason: "At least one of lower, upper, numeric and special must be true." };
}
