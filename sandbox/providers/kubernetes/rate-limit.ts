import { setTimeout as sleep } from "node:timers/promises";

/**
 * Lets requests pass at a steady rate, with a burst after a pause (a token bucket), so that one deployment does not
 * take the API server from everybody else.
 */
export class RateLimit {
  private available: number;
  private lastRefill = performance.now();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.available = burst;
  }

  /** Resolves when the next request may be sent. A rate of 0 means no limit. */
  async pass(): Promise<void> {
    if (this.perSecond === 0) return;
    const now = performance.now();
    this.available = Math.min(this.burst, this.available + ((now - this.lastRefill) / 1000) * this.perSecond);
    this.lastRefill = now;
    // Taken before waiting, so that whoever comes next waits behind this request.
    this.available -= 1;
    if (this.available < 0) await sleep((-this.available / this.perSecond) * 1000);
  }
}
