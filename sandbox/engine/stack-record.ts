import type { OutputMap } from "@pulumi/pulumi/automation";
import { openStack, type StackRequest } from "./open-stack";

/** What the state of a stack says, without a run. */
export interface StackRecord {
  readonly outputs: OutputMap;
  /** Type tokens of its resources, each once. */
  readonly types: readonly string[];
}

/** The part of an exported state that is read here. */
interface ExportedState {
  readonly resources?: readonly { readonly type: string }[];
}

/**
 * Reads the state of a stack.
 * @throws UserError when the stack has never been brought up
 */
export async function stackRecord(request: StackRequest): Promise<StackRecord> {
  const open = await openStack(request, { create: false, providers: false });
  try {
    const outputs = await open.stack.outputs();
    const { resources = [] } = (await open.stack.exportStack()).deployment as ExportedState;
    return { outputs, types: [...new Set(resources.map(({ type }) => type))] };
  } finally {
    await open.close();
  }
}
