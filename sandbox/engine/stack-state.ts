import type { OpenStack } from "./open-stack";
import type { StoredStack } from "./stored-objects";

type StateAccess = Pick<OpenStack, "pulumi" | "workFolder">;

/** The state of a stack. Secrets stay encrypted in it. */
export async function exportStack(access: Pick<StateAccess, "pulumi">, stack: string): Promise<StoredStack> {
  // Without --show-secrets: the text may go through a file.
  return JSON.parse(await access.pulumi(["stack", "export", "--stack", stack])) as StoredStack;
}

/** Puts another state in place of a stack's; not through a file, since there may be secrets in it. */
export async function replaceStack(access: StateAccess, stack: string, state: object): Promise<void> {
  await access.pulumi(["stack", "import", "--stack", stack], JSON.stringify(state));
}

/** Changes the state of a stack past the engine. */
export async function rewriteStack(
  access: StateAccess,
  stack: string,
  change: (state: StoredStack) => StoredStack,
): Promise<void> {
  await replaceStack(access, stack, change(await exportStack(access, stack)));
}
