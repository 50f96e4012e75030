import { type Document, parseDocument, type ScalarTag } from "yaml";

/** YAML that cannot be read. Its message holds a place and never a line, which may hold a secret. */
export class StackYamlError extends Error {
  /** The launcher prints errors of this name without a stack: the user can act on them. */
  override readonly name = "UserError";
}

/**
 * Scalars as the Pulumi CLI reads them, which goes by a library for Go between YAML 1.1 and 1.2: `010` is eight and
 * `1_000` a thousand, while `yes` and `12:30` are text. Every command of this repository reads stack files here.
 */
const tags: ScalarTag[] = [
  scalar("tag:yaml.org,2002:null", /^(?:~|null|Null|NULL)?$/, () => null),
  scalar("tag:yaml.org,2002:bool", /^(?:true|True|TRUE|false|False|FALSE)$/, (text) => text.toLowerCase() === "true"),
  scalar(
    "tag:yaml.org,2002:timestamp",
    /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ ]+)\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?$/,
    timeOf,
  ),
  scalar("tag:yaml.org,2002:int", /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[1-9][0-9_]*|0)$/, integerOf),
  scalar(
    "tag:yaml.org,2002:float",
    /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/,
    (text) => Number(text.replaceAll("_", "")),
  ),
];

function scalar(tag: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag {
  return { default: true, identify: () => false, tag, test, resolve, stringify: ({ value }) => String(value) };
}

function integerOf(text: string): number {
  const [, sign, digits = ""] = /^([-+]?)(.*)$/.exec(text.replaceAll("_", "")) ?? [];
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
  const value = Number(octal);
  return sign === "-" && value !== 0 ? -value : value;
}

/** The CLI makes a time of what looks like one, and text of that again, in Go's form. */
function timeOf(text: string): string {
  const [, date = "", clock = "0:0:0", fraction = "", zone = "Z"] =
    /^([\d-]+)(?:(?:[Tt]|[ ]+)([\d:]+)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const padded = (part: string, separator: string) =>
    part
      .split(separator)
      .map((each) => each.padStart(2, "0"))
      .join(separator);
  const [day, hour] = [padded(date, "-"), padded(clock, ":")];
  const time = new Date(`${day}T${hour}Z`);
  if (Number.isNaN(time.getTime()) || !time.toISOString().startsWith(`${day}T${hour}`)) {
    return text; // the thirtieth of February is text
  }
  const rest = fraction.replace(/0+$/, "");
  const offset = zone.replace(":", "");
  return `${day} ${hour}${rest === "" ? "" : `.${rest}`} ${zone === "Z" ? "+0000 UTC" : `${offset} ${offset}`}`;
}

/**
 * A stack or project file.
 * @param name of the file, for messages
 * @throws StackYamlError when it cannot be read
 */
export function parseStackYaml(name: string, text: string): Document.Parsed {
  const document = parseDocument(text, { merge: true, schema: "failsafe", customTags: (base) => [...base, ...tags] });
  const [error] = document.errors;
  if (error !== undefined) {
    const [place] = error.linePos ?? [];
    const where = place === undefined ? "" : ` at line ${place.line}, column ${place.col}`;
    throw new StackYamlError(`${name} is not valid YAML${where} (${error.code}).`);
  }
  try {
    document.toJS();
  } catch {
    throw new StackYamlError(`${name} is not valid YAML: one of its aliases has no anchor before it.`);
  }
  return document;
}

/** The content of a stack or project file as plain data. */
export function readStackYaml(name: string, text: string): unknown {
  return parseStackYaml(name, text).toJS();
}
