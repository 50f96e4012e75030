import type { PropertyMap } from "../protocol/property-values";
import { annotationOf } from "./kinds";
import type { DeletionPropagation } from "./object-store";

/** Annotations by which a resource tells the provider how to treat it; names as in the official provider. */
export const annotations = {
  autonamed: "pulumi.com/autonamed",
  skipAwait: "pulumi.com/skipAwait",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  patchForce: "pulumi.com/patchForce",
  patchFieldManager: "pulumi.com/patchFieldManager",
  replaceUnready: "pulumi.com/replaceUnready",
  deletionPropagationPolicy: "pulumi.com/deletionPropagationPolicy",
} as const;

export function isAnnotated(object: PropertyMap, name: keyof typeof annotations): boolean {
  return annotationOf(object, annotations[name])?.toLowerCase() === "true";
}

/**
 * Milliseconds to wait for an object: the resource option `customTimeouts` (seconds, 0 when not set) goes before the
 * annotation, that before the default.
 */
export function timeoutOf(object: PropertyMap, customTimeout: number, fallback: number): number {
  if (customTimeout > 0) return customTimeout * 1000;
  const annotated = annotationOf(object, annotations.timeoutSeconds);
  return annotated !== undefined && /^\d+$/.test(annotated) ? Number(annotated) * 1000 : fallback;
}

/** Whether the objects that belong to a deleted one go first (the default), afterwards, or stay. */
export function deletionPropagationOf(object: PropertyMap): DeletionPropagation {
  switch (annotationOf(object, annotations.deletionPropagationPolicy)?.toLowerCase()) {
    case "orphan":
      return "Orphan";
    case "background":
      return "Background";
    default:
      return "Foreground";
  }
}
