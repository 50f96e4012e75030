/** One key press reaches us more than once: from the terminal, and from npm, which passes it on. */
const SAME_PRESS_MILLISECONDS = 1000;

export interface InterruptActions {
  /** First Ctrl-C (or SIGTERM): end what is running, start nothing new. */
  finish(): void;
  /** Second: stop at once. */
  stop(): void;
  /** Third: the engine did not listen. */
  kill(): void;
}

/**
 * Turns Ctrl-C into an orderly end of the running engine.
 * @param now milliseconds since any fixed moment; a parameter for tests
 * @returns whether there was an interrupt, and `dispose`, which makes Ctrl-C end the process again
 */
export function handleInterrupts(
  actions: InterruptActions,
  now: () => number = () => performance.now(),
): { readonly interrupted: () => boolean; dispose(): void } {
  const steps = [actions.finish, actions.stop, actions.kill];
  let presses = 0;
  let last = Number.NEGATIVE_INFINITY;
  const onSignal = () => {
    if (now() - last < SAME_PRESS_MILLISECONDS) return;
    last = now();
    steps[Math.min(presses, steps.length - 1)]?.();
    presses += 1;
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    interrupted: () => presses > 0,
    dispose() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
