import { Resource } from "@pulumi/pulumi";

/** How the SDK finds out where in the program a resource is made: there, but not declared. */
interface Internals {
  stackTrace?: (skip: number) => readonly unknown[];
}

/**
 * Keeps the SDK from sending the stack trace of every resource to the engine. Nothing shows them, but they are an eighth
 * of the state, which the engine writes over and over, and each one is looked up in source maps.
 */
export function withoutSourcePositions(): void {
  const internals = Resource as unknown as Internals;
  if (internals.stackTrace === undefined) throw new Error("This version of @pulumi/pulumi has no Resource.stackTrace.");
  internals.stackTrace = () => [];
}
