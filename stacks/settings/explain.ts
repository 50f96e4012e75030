import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { describeAllowed } from "./allowed";
import { isPlainObject } from "./merge";
import { formatPath, type SettingPath, valueAt } from "./paths";
import type { Problem } from "./problems";
import { describeText, redacted } from "./redact";
import { choiceOf, type Field, fieldAt, fieldsOf } from "./schema-view";
import { isSecret, secretPaths, UNKNOWN_SECRET } from "./secrets";
import { reasonOf } from "./types/checked";

/** What an explanation is made from. */
export interface Evidence {
  /** The schema of all settings. */
  readonly view: Field;
  /** What was parsed: preset and stack file, merged. */
  readonly merged: unknown;
  /** Sections that the stack holds as secrets; nothing of them may be shown. */
  readonly secretKeys: ReadonlySet<string>;
}

type Issue = z.core.$ZodIssue;

/** The commands that work offline see the placeholder and not the value, and cannot look at it. */
const ENCRYPTED = "This value is encrypted, and the setting is no secret: write it in plain text.";

/** What is wrong in terms of settings; an issue about several unknown keys gives one problem each. */
export function explain(issue: Issue, evidence: Evidence): Problem[] {
  const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], evidence));
    case "invalid_key":
      return [invalidName(path, evidence)];
    default:
      return [invalidValue(path, evidence, reasonOf(issue))];
  }
}

/** What was given at a path, or that it may not be shown. */
export function given(path: SettingPath, { view, merged, secretKeys }: Evidence): string {
  const value = valueAt(merged, path);
  if (value === undefined) {
    return "not set here";
  }
  const field = fieldAt(view, path, merged);
  // Not only the secret itself: who writes `ohpm: <key>` has put a secret where an object belongs.
  if (field !== undefined && secretPaths(field).length > 0) {
    return `${kind(value)} that is not shown, since secrets belong there`;
  }
  // The engine does not tell which values of a section are encrypted. Those that the page of settings lists are no secrets.
  const isListed = typeof value === "boolean" || (field?.enum ?? []).some((each) => each === value);
  return secretKeys.has(String(path[0])) && !isListed
    ? `${kind(value)} that is not shown, since the section holds encrypted values`
    : show(value);
}

function kind(value: unknown): string {
  if (value === null) {
    return "an empty value (null)";
  }
  return Array.isArray(value) ? "a list" : typeof value === "string" ? "a text" : `a value of type ${typeof value}`;
}

function show(value: unknown): string {
  if (value === null) {
    return kind(value);
  }
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  if (isPlainObject(value)) {
    const keys = Object.keys(value).map(redacted);
    return `an object with ${keys.length === 0 ? "no keys" : `the keys ${keys.join(", ")}`}`;
  }
  return typeof value === "string" ? describeText(value) : `the ${typeof value} ${String(value)}`;
}

function unknownKey(path: SettingPath, evidence: Evidence): Problem {
  const parentPath = path.slice(0, -1);
  const parent = fieldAt(evidence.view, parentPath, evidence.merged);
  const value = valueAt(evidence.merged, parentPath);
  const known = parent === undefined ? [] : [...Object.keys(fieldsOf(parent, value)), ...namesOf(parent)];
  const name = String(path.at(-1));
  const similar = nearest(name, known);
  const instead = isPlainObject(parent?.["instead"]) ? parent["instead"][name] : undefined;
  if (typeof instead === "string") {
    const place = formatPath([...parentPath.slice(0, -1), "credentials", instead]);
    return {
      paths: [path],
      reason: "This is a secret, and its place here would be a ConfigMap.",
      given: [],
      remedy: `Choose a new one, since others may have read this one, and store it with: pulumi config set --secret --path '${place}'`,
    };
  }
  return {
    paths: [path],
    reason: parentPath.length === 0 ? "There is no such section." : "There is no such setting.",
    given: [],
    allowed: `${parentPath.length === 0 ? "the sections" : "the keys"} ${known.join(", ")}`,
    remedy:
      similar === undefined
        ? `Remove \`${name}\`.`
        : `Did you mean \`${similar}\` (${formatPath([...parentPath, similar])})?`,
  };
}

/** Names that an object of freely named entries is limited to, such as those of images. */
function namesOf(field: Field): string[] {
  return isPlainObject(field.propertyNames) && Array.isArray(field.propertyNames["enum"])
    ? field.propertyNames["enum"].map(String)
    : [];
}

/** The known name that was probably meant, if one is close enough. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const candidate = known.length === 0 ? undefined : closest(name.toLowerCase(), [...known]);
  return candidate !== undefined &&
    distance(name.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, name.length / 3)
    ? candidate
    : undefined;
}

function invalidName(path: SettingPath, { view, merged }: Evidence): Problem {
  const parent = fieldAt(view, path.slice(0, -1), merged);
  const names = isPlainObject(parent?.propertyNames) ? parent.propertyNames : undefined;
  const allowed = typeof parent?.["allowed"] === "string" ? parent["allowed"] : names && describeAllowed(names);
  return {
    paths: [path],
    reason: `${JSON.stringify(path.at(-1))} cannot be a name here.`,
    given: [],
    ...(allowed !== undefined && { allowed }),
    remedy: "Choose another name.",
  };
}

function invalidValue(path: SettingPath, evidence: Evidence, reason = "This value is not allowed."): Problem {
  const { view, merged, secretKeys } = evidence;
  const value = valueAt(merged, path);
  const field = fieldAt(view, path, merged) ?? discriminatorField(path, evidence);
  const visible = !secretKeys.has(String(path[0])) && !isSecret(field);
  const remedy = field === undefined ? undefined : remedyFor(path, field, value, visible);
  return {
    paths: [path],
    reason: value === undefined ? "This setting is missing." : value === UNKNOWN_SECRET ? ENCRYPTED : reason,
    given: value === undefined ? [] : [given(path, evidence)],
    ...(field !== undefined && { allowed: describeAllowed(field) }),
    ...(remedy !== undefined && { remedy }),
  };
}

/** The key that chooses a variant has no field of its own as long as it chooses none. */
function discriminatorField(path: SettingPath, { view, merged }: Evidence): Field | undefined {
  const parent = fieldAt(view, path.slice(0, -1), merged);
  const choice = parent && choiceOf(parent);
  return choice && { enum: [...choice.variants.keys()] };
}

function remedyFor(path: SettingPath, field: Field, value: unknown, visible: boolean): string | undefined {
  const setting = formatPath(path);
  if (isSecret(field)) {
    return `pulumi config set --secret --path '${setting}'`;
  }
  if (field.type === "object" && value !== undefined) {
    const secret = secretPaths(field).length > 0 && Object.keys(field.properties ?? {}).length > 0;
    return `Write its keys below it, or set them one by one: pulumi config set ${secret ? "--secret " : ""}--path '${setting}.<key>'`;
  }
  if (typeof value === "string" && visible) {
    const isNumber = (field.type === "integer" || field.type === "number") && /^-?\d+(\.\d+)?$/.test(value);
    const isBoolean = field.type === "boolean" && /^(true|false)$/.test(value);
    if (isNumber || isBoolean) {
      return `Write it without quotes, or: pulumi config set --path '${setting}' ${value}`;
    }
    const similar = nearest(value, (field.enum ?? []).map(String));
    return similar === undefined ? undefined : `Did you mean ${similar}?`;
  }
  if ((typeof value === "number" || typeof value === "boolean") && field.type === "string") {
    return `Write it in quotes, or: pulumi config set --type string --path '${setting}'`;
  }
  return undefined;
}
