import type { PulumiFn } from "@pulumi/pulumi/automation";

/** The repository's program. Loaded within the run, so that whatever it complains about is reported as a failure of it. */
export const platformProgram: PulumiFn = async () => {
  const program = require("../../index") as PulumiFn;
  return await program();
};

/**
 * Keeps what a program throws: the engine reports exceptions with their stack, but the user wants the message only if
 * the error was made for users.
 */
export function rememberError(program: PulumiFn): { readonly program: PulumiFn; error(): unknown } {
  let thrown: unknown;
  return {
    program: async () => {
      try {
        return await program();
      } catch (error) {
        thrown = error;
        throw error;
      }
    },
    error: () => thrown,
  };
}
