import type { types } from "@pulumi/kubernetes";
import { contentHash } from "./checksum";

type JobSpec = types.input.batch.v1.JobSpec;
type PodSpec = types.input.core.v1.PodSpec;

/**
 * Name of a Job that runs again exactly when its content changes: a Job's pod cannot be changed, so new content is a
 * new Job. `content` is what decides, plain values only: script, image, settings, and versions instead of secrets.
 */
export function contentNamed(name: string, content: unknown): string {
  return `${name}-${contentHash(content).slice(0, 8)}`;
}

export interface JobFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: PodSpec;
  /** Pods that may fail before the Job counts as failed. @default 6, Kubernetes' own */
  readonly retries?: number;
  /** Seconds after which the Job counts as failed. @default 900 */
  readonly deadlineSeconds?: number;
  /**
   * Start what failed again in the same pod, so that one pod stays however often that is. The cluster removes it, and
   * its log, when the Job fails in the end. @default false: each time is a pod of its own, and all of them stay
   */
  readonly restartInPlace?: boolean;
}

/**
 * A Job that runs to its end once. It is never removed by a time to live: a Job that vanished by itself would be
 * made, and run, again at the next `up`.
 */
export function runOnce({
  labels,
  pod,
  retries = 6,
  deadlineSeconds = 900,
  restartInPlace = false,
}: JobFacts): JobSpec {
  return {
    backoffLimit: retries,
    activeDeadlineSeconds: deadlineSeconds,
    template: {
      metadata: { labels: { ...labels } },
      spec: { ...pod, restartPolicy: restartInPlace ? "OnFailure" : "Never" },
    },
  };
}
