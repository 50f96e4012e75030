import { isMap, mapValues, type PropertyMap, type PropertyValue } from "../protocol/property-values";
import { type FieldSchema, identityOf, inside, schemaOf } from "./object-schema";

/** What the server does not store: it is the same as nothing. */
export function isEmptyValue(value: PropertyValue | undefined): boolean {
  if (value === undefined || value === null || value === false || value === "" || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** The live fields of the inputs, with the inputs' own empty values where the server has left them out. */
export function refreshInputs(live: PropertyMap, inputs: PropertyMap): PropertyMap {
  return restoreEmpty(pruneTo(live, inputs), inputs, schemaOf(inputs)) as PropertyMap;
}

function restoreEmpty(live: PropertyValue, inputs: PropertyValue, schema: FieldSchema): PropertyValue {
  if (Array.isArray(live) && Array.isArray(inputs)) {
    const each = inside(schema, 0);
    return live.map((element, index) =>
      restoreEmpty(element, counterpart(element, index, inputs, schema) ?? null, each),
    );
  }
  if (!isMap(live) || !isMap(inputs)) return live;
  // The server writes an empty list that it must name as null.
  const isLeftOut = (key: string) => live[key] === undefined || live[key] === null;
  const omitted = Object.entries(inputs).filter(([key, value]) => isLeftOut(key) && isEmptyValue(value));
  return {
    ...mapValues(live, (value, key) => restoreEmpty(value, inputs[key] ?? null, inside(schema, key))),
    ...Object.fromEntries(omitted),
  };
}

/**
 * The part of a live object that the inputs speak about: every field of `shape`, with the live value. Elements of a
 * list that several writers share are matched by what tells them apart, those of any other list by position. What the
 * server, a controller or somebody else added does not appear.
 */
export function pruneTo(live: PropertyMap, shape: PropertyMap): PropertyMap {
  return pruneMap(live, shape, schemaOf(shape));
}

function pruneMap(live: PropertyMap, shape: PropertyMap, schema: FieldSchema): PropertyMap {
  const shared = Object.entries(live).filter(([key]) => Object.hasOwn(shape, key));
  return Object.fromEntries(
    shared.map(([key, value]) => [key, pruneValue(value, shape[key] ?? null, inside(schema, key))]),
  );
}

function pruneValue(live: PropertyValue, shape: PropertyValue, schema: FieldSchema): PropertyValue {
  if (isMap(live) && isMap(shape)) return pruneMap(live, shape, schema);
  return Array.isArray(live) && Array.isArray(shape) ? pruneList(live, shape, schema) : live;
}

function pruneList(live: PropertyValue[], shape: PropertyValue[], schema: FieldSchema): PropertyValue[] {
  const each = inside(schema, 0);
  return ownElements(live, shape, schema).map(({ element, meant }) => pruneValue(element, meant, each));
}

/** The elements of a live list that the list `shape` speaks about, each with the one that means it; in live order. */
export function ownElements(
  live: readonly PropertyValue[],
  shape: readonly PropertyValue[],
  schema: FieldSchema,
): { readonly element: PropertyValue; readonly meant: PropertyValue }[] {
  return live.flatMap((element, index) => {
    const meant = counterpart(element, index, shape, schema);
    return meant === undefined ? [] : [{ element, meant }];
  });
}

/** Whether every element can be told from the others. */
function isShared(elements: readonly PropertyValue[], schema: FieldSchema): boolean {
  return (
    (schema.isSet || schema.keys !== undefined) && elements.every((each) => identityOf(schema, each) !== undefined)
  );
}

/** The element of another list that means the same as this one. */
function counterpart(
  element: PropertyValue,
  index: number,
  others: readonly PropertyValue[],
  schema: FieldSchema,
): PropertyValue | undefined {
  if (!isShared(others, schema)) return others[index];
  const identity = identityOf(schema, element);
  return others.find((other) => identityOf(schema, other) === identity);
}
