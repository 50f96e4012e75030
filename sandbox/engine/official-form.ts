import { compactKey, completeOutputs } from "../providers/kubernetes/compact-state";
import type { PropertyMap } from "../providers/protocol/property-values";
import { exportStack, replaceStack, type StateAccess } from "./stack-state";

/** The part of an exported stack that is read here. */
interface Exported {
  readonly deployment: null | { readonly resources?: readonly StoredResource[] };
}

interface StoredResource {
  readonly inputs?: PropertyMap;
  readonly outputs?: PropertyMap;
}

/**
 * The same stack with every object in the form that the published plugins write and read, which the builtin providers
 * shorten on the embedded cluster; undefined when it is in that form already. Secrets stay encrypted.
 */
export function inOfficialForm<Stack extends Exported>(exported: Stack): Stack | undefined {
  const resources = exported.deployment?.resources ?? [];
  if (!resources.some(({ outputs }) => outputs?.[compactKey] === true)) return undefined;
  const complete = resources.map((resource) =>
    resource.outputs === undefined
      ? resource
      : { ...resource, outputs: completeOutputs(resource.outputs, resource.inputs ?? {}) },
  );
  return { ...exported, deployment: { ...exported.deployment, resources: complete } };
}

/** Brings the state of a stack into the form of the published plugins, before one of them reads it. */
export async function writeOfficialForm(access: StateAccess, stack: string): Promise<void> {
  const exported = (await exportStack(access, stack)) as unknown as Exported;
  if (exported.deployment === null) return; // a stack without a state
  const converted = inOfficialForm(exported);
  if (converted !== undefined) await replaceStack(access, stack, converted);
}
