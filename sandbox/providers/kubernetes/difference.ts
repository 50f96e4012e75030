import type { PropertyPath } from "../protocol/property-path";
import { deepEqual, isMap, type PropertyMap, type PropertyValue } from "../protocol/property-values";
import { isEmptyValue } from "./live-fields";
import { type FieldSchema, inside, schemaOf } from "./object-schema";
import { isSameQuantity } from "./quantity";

/** One property in which the live object is not what the program wants. */
export interface Difference {
  readonly path: PropertyPath;
  readonly kind: "add" | "delete" | "update";
  /** The wanted value, or for a deletion the one that goes. */
  readonly value: PropertyValue;
}

/**
 * Compares the live object, reduced to the fields that the last inputs speak about, with the new inputs. Lists are
 * compared by position.
 *
 * @param live live fields of the old inputs
 * @param oldInputs inputs of the last deployment
 * @param newInputs inputs of this one
 */
export function differences(live: PropertyMap, oldInputs: PropertyMap, newInputs: PropertyMap): Difference[] {
  return compareMaps([], live, oldInputs, newInputs, schemaOf(newInputs));
}

function compareMaps(
  path: PropertyPath,
  live: PropertyMap,
  old: PropertyMap,
  wanted: PropertyMap,
  schema: FieldSchema,
): Difference[] {
  const keys = new Set([...Object.keys(live), ...Object.keys(wanted)]);
  return [...keys].flatMap((key) => compare([...path, key], live[key], old[key], wanted[key], inside(schema, key)));
}

function compare(
  path: PropertyPath,
  live: PropertyValue | undefined,
  old: PropertyValue | undefined,
  wanted: PropertyValue | undefined,
  schema: FieldSchema,
): Difference[] {
  if (deepEqual(live, wanted)) return [];
  if (wanted === undefined || wanted === null) {
    return live === undefined || live === null ? [] : [{ path, kind: "delete", value: live }];
  }
  if (live === undefined || live === null) {
    // What was sent already and is not there is an empty value that the server does not store.
    const isOmitted = isEmptyValue(wanted) && deepEqual(wanted, old);
    return isOmitted ? [] : [{ path, kind: "add", value: wanted }];
  }
  if (isMap(live) && isMap(wanted)) return compareMaps(path, live, isMap(old) ? old : {}, wanted, schema);
  if (Array.isArray(live) && Array.isArray(wanted)) {
    const positions = [...Array(Math.max(live.length, wanted.length)).keys()];
    const oldList = Array.isArray(old) ? old : [];
    const each = inside(schema, 0);
    return positions.flatMap((index) => compare([...path, index], live[index], oldList[index], wanted[index], each));
  }
  return schema.isQuantity && isSameQuantity(live, wanted) ? [] : [{ path, kind: "update", value: wanted }];
}
