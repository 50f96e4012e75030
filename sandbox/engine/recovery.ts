import type { ProgressSink } from "../progress";
import { UserError } from "../user-error";
import { connect } from "./cluster-client";
import { type ExportedStack, resolvePendingOperations } from "./pending-operations";
import { exportStack, replaceStack } from "./stack-state";
import type { Target } from "./target";

export interface RecoveryRequest {
  readonly stack: string;
  readonly target: Target;
  /** Folder of the stack file, where `pulumi` runs. */
  readonly workFolder: string;
  /** Repair the state instead of only telling what is wrong with it. */
  readonly repair: boolean;
  readonly progress: ProgressSink;
  /** Runs `pulumi` with these arguments and gives its standard output. */
  readonly pulumi: (args: string[]) => Promise<string>;
  /** Reads the resources of these URNs from the cluster into the state. */
  readonly refresh: (urns: string[]) => Promise<void>;
}

/**
 * Finds out whether the last run was killed in the middle of something, and brings the state in line with the cluster,
 * so that the next run neither makes an object twice nor stumbles over one that is already there.
 * @throws UserError when something is open and `repair` is false
 */
export async function recoverInterruptedRun(request: RecoveryRequest): Promise<void> {
  const exported = (await exportStack(request, request.stack)) as ExportedStack;
  const pending = exported.deployment?.pending_operations ?? [];
  if (pending.length === 0) return;
  if (!request.repair) {
    throw new UserError(
      `The last run of stack ${request.stack} was killed while it was working on:\n` +
        `${pending.map(({ type, resource }) => `  ${type} ${resource.urn}`).join("\n")}\n` +
        "Run the command again with --recover: objects that were created are then taken into the state. " +
        "Nothing has been touched.",
    );
  }
  request.progress.step("repairing the state after a run that was killed");
  const resolved = await resolvePendingOperations(exported, await connect(request.target));
  await replaceStack(request, request.stack, resolved.stack);
  if (resolved.adopted.length > 0) await request.refresh([...resolved.adopted]);
  request.progress.warn(
    `repaired the state after a run that was killed: ${pending.length} open operations, ` +
      `${resolved.adopted.length} of them had already created their object`,
  );
}
