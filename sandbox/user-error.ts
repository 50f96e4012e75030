/**
 * A failure that the user can act on: wrong input, a missing setting, an unreachable cluster. The launcher prints its
 * message without a stack. Everything else that is thrown counts as a defect of the program and is printed with one.
 */
export class UserError extends Error {
  /** The launcher knows this error by its name, because it cannot import TypeScript before the loader runs. */
  override readonly name = "UserError";
}
