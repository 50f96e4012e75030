import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { ProgressSink } from "../progress";
import { UserError } from "../user-error";
import { connect } from "./cluster-client";
import { type ExportedStack, resolvePendingOperations } from "./pending-operations";
import type { RunJournal } from "./run-journal";
import { exportStack, replaceStack, type StateAccess } from "./stack-state";
import type { Target } from "./target";

export interface RecoveryRequest extends StateAccess {
  readonly stack: string;
  readonly target: Target;
  /** Folder of the stack file, where `pulumi` runs. */
  readonly workFolder: string;
  /** Repair the state instead of only telling what is wrong with it. */
  readonly repair: boolean;
  readonly progress: ProgressSink;
  /** Notes of a run on the embedded cluster. */
  readonly journal?: RunJournal | undefined;
  /** Reads the resources of these URNs from the cluster into the state. */
  readonly refresh: (urns: string[]) => Promise<void>;
}

/**
 * Finds out whether the last run was killed in the middle of something, and brings the state in line with the cluster,
 * so that the next run neither makes an object twice nor stumbles over one that is already there.
 * @throws UserError when something is open and `repair` is false
 */
export async function recoverInterruptedRun(request: RecoveryRequest): Promise<void> {
  const stored = (await exportStack(request, request.stack)) as ExportedStack;
  const rebuilt = request.journal?.repaired(encryptable(stored, request));
  const exported = rebuilt ?? stored;
  const pending = exported.deployment?.pending_operations ?? [];
  if (pending.length === 0 && rebuilt === undefined) {
    request.journal?.forget();
    return;
  }
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
  request.journal?.forget();
  if (resolved.adopted.length > 0) await request.refresh([...resolved.adopted]);
  request.progress.warn(
    `repaired the state after a run that was killed: ${pending.length} open operations, ` +
      `${resolved.adopted.length} of them had already created their object`,
  );
}

/** A stack whose first run was killed has no secrets manager yet; the stack file names the salt that it would have. */
function encryptable(exported: ExportedStack, { workFolder, stack }: RecoveryRequest): ExportedStack {
  const deployment = (exported.deployment ?? {}) as ExportedStack["deployment"] & { secrets_providers?: unknown };
  if (deployment.secrets_providers !== undefined) return exported;
  const text = readFileSync(join(workFolder, `Pulumi.${stack}.yaml`), "utf8");
  const salt: unknown = parseDocument(text).get("encryptionsalt");
  if (typeof salt !== "string") return { ...exported, deployment };
  return {
    ...exported,
    deployment: { ...deployment, secrets_providers: { type: "passphrase", state: { salt } } },
  } as ExportedStack;
}
