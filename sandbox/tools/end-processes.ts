import { setTimeout as delay } from "node:timers/promises";
import { processStart } from "./lock";

/** Nobody survives SIGKILL, but on a machine without time or memory to spare the end of a big process takes a while. */
const KILL_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 25;

/**
 * Ends processes by SIGTERM, and by SIGKILL those that do not heed it.
 * @param graceMilliseconds how long they may take after SIGTERM
 * @returns those that are still there, which may belong to another user
 */
export async function endProcesses<Target extends { readonly pid: number }>(
  processes: readonly Target[],
  graceMilliseconds: number,
): Promise<Target[]> {
  const started = processes.map((target) => ({ target, start: processStart(target.pid) }));
  // An ending process loses its command line before it gives back its ports: wait for the process itself.
  const left = () =>
    started
      .filter(({ target, start }) => start !== undefined && processStart(target.pid) === start)
      .map(({ target }) => target);
  for (const [signal, patience] of [
    ["SIGTERM", graceMilliseconds],
    ["SIGKILL", KILL_MILLISECONDS],
  ] as const) {
    for (const { pid } of left()) sendSignal(pid, signal);
    const deadline = performance.now() + patience;
    while (left().length > 0 && performance.now() < deadline) await delay(POLL_MILLISECONDS);
  }
  return left();
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: it has just ended. EPERM: it is somebody else's, which the caller reports when it does not end.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
