import type { Operation, RunOptions } from "../../sandbox/engine/run";
import type { Target } from "../../sandbox/engine/target";
import { UserError } from "../../sandbox/user-error";
import type { StackChoice } from "./stack-options";
import { type Asker, QuestionLeft } from "./terminal-question";

/** One operation on a stack, as the user wants it. */
export interface StackRun {
  readonly operation: Operation;
  readonly choice: StackChoice;
  readonly options: RunOptions;
  /** Do not ask before a real cluster or its state is changed. @default false */
  readonly yes?: boolean;
}

const NOTHING_CHANGED = "Not confirmed, nothing was changed.";

/**
 * Waits for the user's word before a real cluster or its state is changed; before `up` the changes are shown.
 * A repair is a question of its own, because it comes before the preview and removes a lock that may be in use.
 * @param showChanges runs a preview with these options and prints it
 * @returns the options to run with: a repair that was part of the preview is not asked of the engine again
 * @throws UserError when the user does not agree, or cannot be asked
 */
export async function confirm(
  run: StackRun,
  target: Target,
  asker: Asker,
  showChanges: (options: RunOptions) => Promise<void>,
): Promise<RunOptions> {
  const { operation, options } = run;
  const repairs = options.recover === true;
  if (target.kind === "sandbox" || run.yes === true || (operation === "preview" && !repairs)) return options;
  if (!asker.available) {
    throw new UserError(
      `Nobody can be asked here. Add --yes to ${operation} without a question. Nothing has been touched.`,
    );
  }
  const where = `${run.choice.stack} on ${target.context} (${target.server})`;
  if (repairs) {
    const question = `Remove the lock of stack ${where} and repair its state? Do it only when no other run is active.`;
    await agreed(question, run.choice.stack, asker, NOTHING_CHANGED);
  }
  if (operation === "preview") return options;
  const question = `${intention(operation, options)} stack ${where}?`;
  if (operation !== "up") {
    await agreed(question, run.choice.stack, asker, NOTHING_CHANGED);
    return options;
  }
  const { expectNoChanges: _, ...previewed } = options;
  await showChanges(previewed);
  const { recover: __, ...rest } = options;
  const refusal = repairs ? "Not confirmed. Only the state was repaired." : NOTHING_CHANGED;
  await agreed(question, run.choice.stack, asker, refusal);
  return rest;
}

/** The beginning of the question, which goes on with "stack NAME". */
function intention(operation: Exclude<Operation, "preview">, options: RunOptions): string {
  const targets = options.targets ?? [];
  switch (operation) {
    case "up":
      return "Make these changes to";
    case "destroy":
      return targets.length === 0 ? "DELETE everything of" : `DELETE ${targets.join(", ")} of`;
    case "refresh":
      return "Write what the cluster really holds into the state of";
    case "import":
      return `Take ${options.import?.map(({ id }) => id).join(", ") ?? "the object"} into the state of`;
  }
}

/** @param refusal what the user reads when the answer is not the name of the stack */
async function agreed(question: string, stack: string, asker: Asker, refusal: string): Promise<void> {
  try {
    if ((await asker.ask(`${question}\nType the name of the stack to go on: `)) === stack) return;
  } catch (error) {
    throw error instanceof QuestionLeft ? new QuestionLeft(refusal) : error;
  }
  throw new UserError(refusal);
}
