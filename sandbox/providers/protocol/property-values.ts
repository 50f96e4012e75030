/**
 * Values as they travel between the engine and a provider: JSON in which an object that carries a signature stands for
 * a secret, and fixed strings stand for values that are not known yet during a preview.
 */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap;

/** A JSON object of {@link PropertyValue}s; also the shape of every Kubernetes object here. */
export interface PropertyMap {
  [key: string]: PropertyValue;
}

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Placeholders of the protocol for unknown values, one for each type of value. */
const unknownPlaceholders: ReadonlySet<PropertyValue> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Stands for a string that is not known yet; only valid in the answer to a preview. */
export const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Marks a value as secret, so that the engine encrypts it in the state and hides it in its output. */
export function makeSecret(value: PropertyValue): PropertyMap {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

export function isSecret(value: PropertyValue | undefined): value is PropertyMap {
  return isMap(value) && value[signatureKey] === secretSignature;
}

/** The same value without its secret marks, at any depth. Never put the result into a log or an error message. */
export function reveal(value: PropertyMap): PropertyMap;
export function reveal(value: PropertyValue): PropertyValue;
export function reveal(value: PropertyValue): PropertyValue {
  if (isSecret(value)) return reveal(value["value"] ?? null);
  if (Array.isArray(value)) return value.map((element) => reveal(element));
  if (isMap(value)) return mapValues(value, (element) => reveal(element));
  return value;
}

export function isUnknown(value: PropertyValue | undefined): boolean {
  return value !== undefined && unknownPlaceholders.has(value);
}

export function containsUnknown(value: PropertyValue): boolean {
  return some(value, isUnknown);
}

export function containsSecret(value: PropertyValue): boolean {
  return some(value, isSecret);
}

/** Whether the predicate holds for the value or for anything inside it. */
function some(value: PropertyValue, predicate: (value: PropertyValue) => boolean): boolean {
  if (predicate(value)) return true;
  if (Array.isArray(value)) return value.some((element) => some(element, predicate));
  return isMap(value) && Object.values(value).some((element) => some(element, predicate));
}

export function mapValues(map: PropertyMap, change: (value: PropertyValue, key: string) => PropertyValue): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}

/**
 * Marks in `outputs` what is secret in `inputs`. Objects are followed key by key, so that one secret field does not
 * hide its whole object; a list with a secret anywhere becomes secret as a whole, because its order may differ.
 */
export function copySecretMarks(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  return mapValues(outputs, (output, key) => {
    const input = inputs[key];
    if (input === undefined || isSecret(output)) return output;
    if (isMap(output) && isMap(input) && !isSecret(input)) return copySecretMarks(output, input);
    return containsSecret(input) ? makeSecret(output) : output;
  });
}

/** Equality of JSON values; the order of keys does not matter. */
export function deepEqual(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((element, index) => deepEqual(element, right[index]));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => key in right && deepEqual(left[key], right[key]))
  );
}

/** The value at a path of object keys, or undefined. */
export function valueAt(map: PropertyMap, ...path: string[]): PropertyValue | undefined {
  let current: PropertyValue | undefined = map;
  for (const key of path) current = isMap(current) ? current[key] : undefined;
  return current;
}

/** The string at a path; undefined when nothing or something else is there. */
export function stringAt(map: PropertyMap, ...path: string[]): string | undefined {
  const value = valueAt(map, ...path);
  return typeof value === "string" ? value : undefined;
}

/** The number at a path; undefined when nothing or something else is there. */
export function numberAt(map: PropertyMap, ...path: string[]): number | undefined {
  const value = valueAt(map, ...path);
  return typeof value === "number" ? value : undefined;
}

/** The object at a path; empty when nothing or something else is there. */
export function mapAt(map: PropertyMap, ...path: string[]): PropertyMap {
  const value = valueAt(map, ...path);
  return isMap(value) ? value : {};
}

/** The objects of the list at a path; empty when nothing or something else is there. */
export function mapsAt(map: PropertyMap, ...path: string[]): PropertyMap[] {
  const value = valueAt(map, ...path);
  return Array.isArray(value) ? value.filter(isMap) : [];
}
