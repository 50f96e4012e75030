import { mergeOptions, Output, runtime } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { annotations } from "../providers/kubernetes/annotations";
import { formerManager } from "../providers/kubernetes/field-managers";
import { pruneTo } from "../providers/kubernetes/live-fields";
import { isMap, isSecret, mapAt, type PropertyMap, type PropertyValue } from "../providers/protocol/property-values";
import { UserError } from "../user-error";
import type { StoredResource } from "./pending-operations";
import { parseUrn } from "./resource-label";
import { aliasAdvice, holderOf, type StoredStack } from "./stored-objects";

/** An object that exists, and the resource of the program that it is to become. */
export interface ImportedObject {
  /** Type token, for example `kubernetes:core/v1:Namespace`. */
  readonly type: string;
  /** Name of the resource in the program. */
  readonly name: string;
  /** `namespace/name` of the object, or its name alone. */
  readonly id: string;
}

/** What the program says about imported objects, without the values: see {@link settleImport}. */
export type ImportedShapes = Map<string, PropertyMap>;

/**
 * The same program, in which some resources take in existing objects. `pulumi import` would need a language plugin and
 * the resource's parent; this way the resource is exactly where the program has it. The object's present values are
 * kept, so that nothing is changed by the import: the next preview shows what the program wants different.
 *
 * @param shapes gets what the program says about each of the objects
 */
export function importingProgram(
  program: PulumiFn,
  objects: readonly ImportedObject[],
  shapes: ImportedShapes,
): PulumiFn {
  return async () => {
    const reading: Promise<void>[] = [];
    runtime.registerStackTransformation(({ type, name, props, opts }) => {
      const object = objects.find((each) => each.type === type && each.name === name);
      if (object === undefined) return undefined;
      const keep = async () => void shapes.set(keyOf(object), { ...((await shapeOf(props)) as PropertyMap) });
      reading.push(keep());
      const keepValues = Object.keys(props);
      return { props, opts: mergeOptions(opts, { import: object.id, ignoreChanges: keepValues }) };
    });
    const outputs = await program();
    await Promise.all(reading);
    return outputs;
  };
}

function keyOf({ type, name }: Pick<ImportedObject, "type" | "name">): string {
  return `${type}::${name}`;
}

/** The names of everything in a resource's arguments; null stands for any value. */
async function shapeOf(value: unknown): Promise<PropertyValue> {
  const known = await value;
  if (Output.isInstance(known)) {
    const { isKnown, promise } = known as unknown as { isKnown: Promise<boolean>; promise(): Promise<unknown> };
    return (await isKnown) ? await shapeOf(await promise.call(known)) : null;
  }
  if (Array.isArray(known)) return await Promise.all(known.map(shapeOf));
  if (typeof known !== "object" || known === null) return null;
  const given = Object.entries(known).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(await Promise.all(given.map(async ([key, inner]) => [key, await shapeOf(inner)] as const)));
}

/** Matches the resource's URN whatever its parents are. */
export function importTarget(object: ImportedObject): string {
  return `**${keyOf(object)}`;
}

/**
 * @throws UserError when the state holds one of the objects under another name: the engine would delete the object as
 *   soon as the import is done, because that name is no longer in the program
 */
export function refuseHeldObjects(stack: StoredStack, objects: readonly ImportedObject[]): void {
  for (const { type, name, id } of objects) {
    const holder = holderOf(stack, type, id);
    if (holder === undefined || parseUrn(holder.urn).name === name) continue;
    throw new UserError(`${id} is not imported. ${aliasAdvice({ name }, holder)}`);
  }
}

/**
 * The stack after an import, in which the imported resources have as inputs what the program says, with the values that
 * the objects have. The engine has noted every field of the objects as if the program had set it, so that the next `up`
 * would remove what the cluster has chosen itself: the volume of a claim, the selector of a Job. Since neither can be
 * removed from an object, it would replace the object.
 */
export function settleImport<Exported extends StoredStack>(
  stack: Exported,
  objects: readonly ImportedObject[],
  shapes: ImportedShapes,
): Exported {
  const resources = (stack.deployment?.resources ?? []).map((resource) => {
    const { type, name } = parseUrn(resource.urn);
    const shape = shapes.get(keyOf({ type, name }));
    const isImported = objects.some((each) => each.type === type && each.name === name && each.id === resource.id);
    return shape === undefined || !isImported ? resource : settled(resource, shape);
  });
  return { ...stack, deployment: { ...stack.deployment, resources } };
}

function settled(resource: StoredResource, shape: PropertyMap): StoredResource {
  const found = (resource.inputs ?? {}) as PropertyMap;
  const { __imported: _, ...outputs } = (resource.outputs ?? {}) as PropertyMap;
  // Named by `stringData` in the program, by `data` in the cluster.
  const spoken = { ...shape, ...("stringData" in shape && { data: null }) };
  const pruned = pruneTo(found, withWholeSecrets({ ...spoken, apiVersion: null, kind: null }, found) as PropertyMap);
  const inputs = {
    ...pruned,
    metadata: { ...mapAt(pruned, "metadata"), ...identityOf(found, mapAt(pruned, "metadata")) },
  };
  const manager = formerManager(outputs);
  return {
    ...resource,
    inputs,
    outputs: { ...outputs, __inputs: inputs, ...(manager !== undefined && { __fieldManager: manager }) },
  };
}

/** The part of the metadata that the provider adds to the inputs by itself. */
function identityOf(found: PropertyMap, pruned: PropertyMap): PropertyMap {
  const { name = null, namespace } = mapAt(found, "metadata");
  const autonamed = mapAt(found, "metadata", "annotations")[annotations.autonamed];
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(autonamed !== undefined && {
      annotations: { ...mapAt(pruned, "annotations"), [annotations.autonamed]: autonamed },
    }),
  };
}

/** What is encrypted in the state has no parts that could be chosen. */
function withWholeSecrets(shape: PropertyValue, stored: PropertyValue): PropertyValue {
  if (isSecret(stored)) return null;
  if (Array.isArray(shape) && Array.isArray(stored)) {
    return shape.map((element, index) => withWholeSecrets(element, stored[index] ?? null));
  }
  if (!isMap(shape) || !isMap(stored)) return shape;
  return Object.fromEntries(
    Object.entries(shape).map(([key, inner]) => [key, withWholeSecrets(inner, stored[key] ?? null)]),
  );
}
