import { clusterUp } from "../../sandbox/cluster";
import { type Operation, runStack } from "../../sandbox/engine/run";
import { silentProgress } from "../../sandbox/progress";

/**
 * `run-platform.ts FOLDER OPERATION STACK`: one run of the real program in a process of its own. A failed run leaves the
 * SDK with half-registered resources, which would disturb the test process.
 */
async function main([folder = "", operation, stack = ""]: string[]): Promise<void> {
  const sandboxFolder = `${folder}/sandbox`;
  const { kubeconfig, context, server } = await clusterUp(silentProgress, { directory: sandboxFolder });
  await runStack({
    operation: operation as Operation,
    stack,
    target: { kind: "sandbox", kubeconfig, context, server },
    repository: folder,
    sandboxFolder,
    providers: "builtin",
    progress: silentProgress,
  });
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(error.message);
    process.exit(1);
  },
);
