import type { StoredStack } from "./stored-objects";

/** What a state is read and written through. */
export interface StateAccess {
  /** Runs `pulumi` with these arguments and gives its standard output. */
  readonly pulumi: (args: string[], input?: string) => Promise<string>;
}

/** The state of a stack. Secrets stay encrypted in it. */
export async function exportStack(access: StateAccess, stack: string): Promise<StoredStack> {
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
