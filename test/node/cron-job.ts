import { eventually } from "../engine/cluster-support";
import type { RealPlatform } from "./real-platform";

interface Job {
  readonly status: { readonly succeeded?: number; readonly failed?: number };
}

/**
 * Runs a CronJob now, as an administrator would by hand.
 * @returns what it printed, but for the lines that say what it waited for: policies let a new pod out after a moment
 * @throws all that it printed when it failed
 */
export async function runCronJob(platform: RealPlatform, namespace: string, name: string): Promise<string> {
  const job = `${name}-by-hand`;
  const { kubectl } = platform;
  const remove = () =>
    kubectl.read("--namespace", namespace, "delete", "job", job, "--ignore-not-found", "--cascade=foreground");
  await remove();
  await kubectl.read("--namespace", namespace, "create", "job", job, `--from=cronjob/${name}`);
  try {
    const status = await eventually(async () => {
      const { status } = await platform.object<Job>(namespace, "job", job);
      return status.succeeded === undefined && status.failed === undefined ? undefined : status;
    });
    const printed = await kubectl.read("--namespace", namespace, "logs", `job/${job}`);
    if (status.succeeded !== 1) throw new Error(`${namespace}/${job} failed: ${printed}`);
    return printed.replace(/^waiting for .*\n/gm, "");
  } finally {
    await remove();
  }
}
