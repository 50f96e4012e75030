import { clusterTools } from "./cluster/configuration";
import { missingForNode, nodeContents } from "./node";
import { silentProgress } from "./progress";
import { ensureGoServer, goServerAvailable, goServers } from "./servers/go-servers";
import { ensureTools } from "./tools";

/**
 * A process of its own: gets everything that the tests of clusters, servers and the real node need, in the order in
 * which they need it. `npm test` starts it at its very beginning with the lowest priority, so that what has to be built
 * from sources is built while other tests run. Whoever needs something earlier waits for the lock of its build, and
 * tells what fails: here nothing is said.
 */
const steps: readonly (() => Promise<unknown>)[] = [
  () => ensureTools([...clusterTools, "pulumi"], silentProgress),
  async () => goServerAvailable(goServers.vault) && (await ensureGoServer(goServers.vault, silentProgress)),
  async () => missingForNode().length === 0 && (await nodeContents("sandbox", silentProgress)),
];

async function prepare(): Promise<void> {
  for (const step of steps) await step().catch(() => undefined);
}

void prepare();
