import type { PropertyMap, PropertyValue } from "../protocol/property-values";

/** What an argument must be. */
export type ArgumentType = "string" | "number" | "boolean" | "strings" | "object";

export interface Argument {
  readonly type: ArgumentType;
  /** The resource cannot be made without it. */
  readonly required?: boolean;
  /** Value when the program gives none. */
  readonly default?: PropertyValue;
  /** A change is made in place; without this it replaces the resource. */
  readonly updatable?: boolean;
}

/** A generated value with the id that it has in the state. */
export interface Generated {
  readonly id: string;
  /** Outputs besides the arguments. */
  readonly outputs: PropertyMap;
}

/** A resource that is computed once and then only remembered: a password, a key, a certificate. */
export interface GeneratedKind {
  readonly arguments: Readonly<Record<string, Argument>>;
  /** Names of the outputs that {@link generate} computes. */
  readonly outputs: readonly string[];
  /** Arguments and outputs that are always secret. */
  readonly secrets: readonly string[];
  /** What the official provider's bridge keeps as `__meta`; without it that provider would migrate the state. */
  readonly schemaVersion?: number;
  /** What is wrong with arguments that have the right types: argument name and reason. */
  validate?(args: PropertyMap): { readonly property: string; readonly reason: string } | undefined;
  generate(args: PropertyMap): Promise<Generated>;
  /** Arguments and outputs of a value that was made elsewhere; missing when it cannot be imported. */
  import?(value: string): Promise<Generated & { readonly arguments: PropertyMap }>;
  /** Outputs that depend on the time. */
  refresh?(properties: PropertyMap, now: Date): PropertyMap;
  /** Name of the output that says that the resource has to be made anew, if it does. */
  outdated?(properties: PropertyMap, now: Date): string | undefined;
}
