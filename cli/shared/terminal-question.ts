import { createInterface } from "node:readline/promises";
import { UserError } from "../../sandbox/user-error";

/** Asks the user something. */
export interface Asker {
  /** False when nobody sits at a terminal. */
  readonly available: boolean;
  /**
   * The user's answer, without the spaces around it.
   * @throws QuestionLeft on Ctrl-C and on the end of the input
   */
  ask(question: string): Promise<string>;
}

/** The user left a question with Ctrl-C or Ctrl-D instead of answering it. */
export class QuestionLeft extends UserError {}

/** Asks on the terminal; on standard error, so that standard output stays free for results. */
export const terminalAsker: Asker = {
  get available() {
    return process.stdin.isTTY === true;
  },
  ask: (question) => askOn(process.stdin, process.stderr, question),
};

/** @throws QuestionLeft on Ctrl-C and on the end of the input */
export async function askOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  question: string,
): Promise<string> {
  const terminal = createInterface({ input, output });
  // Without this, some versions of Node leave the question open for ever when the input ends.
  const left = new Promise<never>((_, reject) => {
    terminal.once("close", () => reject(new QuestionLeft("Not confirmed.")));
  });
  try {
    return (await Promise.race([terminal.question(question), left])).trim();
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw new QuestionLeft("Not confirmed.");
    throw error;
  } finally {
    terminal.close();
  }
}
