import type { types } from "@pulumi/kubernetes";

type Probe = types.input.core.v1.Probe;

export interface ProbeTiming {
  /** Seconds between two tries. @default 10 */
  readonly periodSeconds?: number;
  /** Seconds that one try may take. @default 5 */
  readonly timeoutSeconds?: number;
  /** Failures in a row that count. @default 3 */
  readonly failureThreshold?: number;
}

const timing = ({ periodSeconds = 10, timeoutSeconds = 5, failureThreshold = 3 }: ProbeTiming) => ({
  periodSeconds,
  timeoutSeconds,
  failureThreshold,
});

/** Succeeds when the port accepts a connection. For servers that have no path that answers without a login. */
export function tcpProbe(port: string | number, options: ProbeTiming = {}): Probe {
  return { tcpSocket: { port }, ...timing(options) };
}

/** Succeeds on an HTTP status from 200 to 399. */
export function httpProbe(path: string, port: string | number, options: ProbeTiming = {}): Probe {
  return { httpGet: { path, port }, ...timing(options) };
}

/** Succeeds when the command ends with 0. */
export function execProbe(command: readonly string[], options: ProbeTiming = {}): Probe {
  return { exec: { command: [...command] }, ...timing(options) };
}

/** A start-up probe that gives the software `seconds` to come up before the other probes begin. */
export function startsWithin(seconds: number, probe: Probe): Probe {
  const periodSeconds = 5;
  return { ...probe, periodSeconds, failureThreshold: Math.ceil(seconds / periodSeconds) };
}
