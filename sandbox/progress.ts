/** Where long work reports what it is doing. Every command of the sandbox takes one. */
export interface ProgressSink {
  /** What runs now. Calling it again replaces the text; call it as often as there is something new to say. */
  step(message: string): void;
  /** The running step ended well. The message stays on the screen. */
  done(message: string): void;
  /** Something the reader should know although the work goes on. */
  warn(message: string): void;
}

/** For tests, and for commands whose output another program reads. */
export const silentProgress: ProgressSink = { step() {}, done() {}, warn() {} };

/** The part of a terminal stream that a progress display needs. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  /** Width in characters. @default 80 */
  readonly columns?: number;
  write(text: string): unknown;
}

/** A log shows a running step again after this time; more often would bury the other lines. */
const LOG_INTERVAL_MILLISECONDS = 15_000;
const REDRAW_INTERVAL_MILLISECONDS = 250;
const CLEAR_LINE = "\r\u001b[2K";

/**
 * Progress for people: one live line with the elapsed time on a terminal, plain lines elsewhere.
 * @param stream default: stderr, so that stdout stays free for results
 * @param now milliseconds since any fixed moment; a parameter so that tests need no waiting
 */
export function terminalProgress(
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): ProgressSink & { refresh(): void } {
  return stream.isTTY ? new LiveLine(stream, now) : new LogLines(stream, now);
}

/** "7s", "2m 05s". */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m ${String(seconds % 60).padStart(2, "0")}s`;
}

/** The bookkeeping that both displays share: one step at a time, with its start and a timer while it runs. */
abstract class TimedProgress implements ProgressSink {
  protected running: { message: string; readonly since: number } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    protected readonly stream: ProgressStream,
    protected readonly now: () => number,
  ) {}

  step(message: string): void {
    this.running = { message, since: this.running?.since ?? this.now() };
    this.timer ??= setInterval(() => this.refresh(), REDRAW_INTERVAL_MILLISECONDS);
    // A forgotten `done` must never keep the process alive.
    this.timer.unref();
    this.refresh();
  }

  done(message: string): void {
    const elapsed = this.running === undefined ? 0 : this.now() - this.running.since;
    clearInterval(this.timer);
    this.timer = undefined;
    this.running = undefined;
    this.line(elapsed < 1000 ? `✓ ${message}` : `✓ ${message} (${formatElapsed(elapsed)})`);
  }

  warn(message: string): void {
    this.line(`! ${message}`);
    this.refresh();
  }

  abstract refresh(): void;
  protected abstract line(text: string): void;
}

class LiveLine extends TimedProgress {
  refresh(): void {
    if (this.running === undefined) return;
    const elapsed = formatElapsed(this.now() - this.running.since);
    const width = Math.max(20, (this.stream.columns ?? 80) - elapsed.length - 6);
    const message =
      this.running.message.length > width ? `${this.running.message.slice(0, width - 1)}…` : this.running.message;
    this.stream.write(`${CLEAR_LINE}… ${message} (${elapsed})`);
  }

  protected line(text: string): void {
    this.stream.write(`${CLEAR_LINE}${text}\n`);
  }
}

class LogLines extends TimedProgress {
  private last: { readonly message: string; readonly at: number } | undefined;

  refresh(): void {
    if (this.running === undefined) return;
    const now = this.now();
    if (this.last !== undefined && now - this.last.at < LOG_INTERVAL_MILLISECONDS) return;
    this.last = { message: this.running.message, at: now };
    const elapsed = now - this.running.since;
    this.line(elapsed < 1000 ? `… ${this.running.message}` : `… ${this.running.message} (${formatElapsed(elapsed)})`);
  }

  override done(message: string): void {
    super.done(message);
    this.last = undefined;
  }

  protected line(text: string): void {
    this.stream.write(`${text}\n`);
  }
}
