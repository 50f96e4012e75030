import { mergeOptions, runtime } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";

/** An object that exists, and the resource of the program that it is to become. */
export interface ImportedObject {
  /** Type token, for example `kubernetes:core/v1:Namespace`. */
  readonly type: string;
  /** Name of the resource in the program. */
  readonly name: string;
  /** `namespace/name` of the object, or its name alone. */
  readonly id: string;
}

/**
 * The same program, in which one resource takes in an existing object. `pulumi import` would need a language plugin and
 * the resource's parent; this way the resource is exactly where the program has it. The object's present values are
 * kept, so that nothing is changed by the import: the next preview shows what the program wants different.
 */
export function importingProgram(program: PulumiFn, object: ImportedObject): PulumiFn {
  return async () => {
    runtime.registerStackTransformation(({ type, name, props, opts }) => {
      if (type !== object.type || name !== object.name) return undefined;
      const keepValues = Object.keys(props);
      return { props, opts: mergeOptions(opts, { import: object.id, ignoreChanges: keepValues }) };
    });
    return await program();
  };
}

/** Matches the resource's URN whatever its parents are. */
export function importTarget(object: ImportedObject): string {
  return `**${object.type}::${object.name}`;
}
