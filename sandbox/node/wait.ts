import { setTimeout as delay } from "node:timers/promises";

const POLL_MILLISECONDS = 100;

/**
 * Asks until the answer is yes.
 * @param inVain makes the error that is thrown when the time is over
 */
export async function waitUntil(
  condition: () => Promise<boolean>,
  milliseconds: number,
  inVain: () => Error,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline) throw inVain();
    await delay(POLL_MILLISECONDS);
  }
}
