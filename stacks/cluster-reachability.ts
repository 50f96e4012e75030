import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import type { ClusterTarget } from "./cluster-target";

/** The run would change, or show, something else than the cluster that is meant. The user can act on it. */
export class ClusterUnreachable extends Error {
  override readonly name = "UserError";
}

const REACH_MILLISECONDS = 10_000;

/** Set by whoever wants a preview without a cluster: it then shows everything as the program says it. */
const OFFLINE = "PLATFORM_OFFLINE";

/**
 * Whether plain `pulumi` runs the program. The commands of this repository have looked at the cluster before, and
 * renders and tests have none.
 */
export function runsInLanguageHost(environment: NodeJS.ProcessEnv): boolean {
  return environment["PULUMI_NODEJS_MONITOR"] !== undefined && environment["PLATFORM_KUBECONFIG"] === undefined;
}

/**
 * Ends a run whose API server cannot be reached, or whose context does not exist. Pulumi's own provider would go on,
 * show every object as unchanged or new, and end with exit code 0. Only a connection is opened: who may log in, and
 * how, is known to the provider alone.
 * @throws ClusterUnreachable naming server, context and the next step
 */
export async function checkReachable(target: ClusterTarget, environment: NodeJS.ProcessEnv): Promise<void> {
  if (environment[OFFLINE] === "true") return;
  const files = kubeconfigFiles(target, environment);
  const existing = files.filter((file) => existsSync(file));
  if (existing.length === 0) {
    if (environment["KUBERNETES_SERVICE_HOST"] !== undefined) return; // inside a cluster, with the pod's own login
    throw new ClusterUnreachable(
      `There is no kubeconfig: ${files.join(", ")} ${files.length === 1 ? "does" : "do"} not exist. Set KUBECONFIG to ` +
        `the file that has the context "${target.context}". ${offlineHint}`,
    );
  }
  const { server, throughProxy } = serverOf(target, existing);
  // Then the connection is the proxy's, and only the provider knows all the rules about who uses it.
  if (throughProxy || proxyVariables.some((name) => environment[name])) return;
  const reason = await connectionProblem(server);
  if (reason !== undefined) {
    throw new ClusterUnreachable(
      `The API server ${server} (context "${target.context}") cannot be reached: ${reason}. Check that it runs and that ` +
        `it is reachable from here: \`kubectl --context ${target.context} version\`. Nothing has been touched. ${offlineHint}`,
    );
  }
}

const offlineHint = `For a preview without a cluster set ${OFFLINE}=true.`;

const proxyVariables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

function kubeconfigFiles({ kubeconfig }: ClusterTarget, environment: NodeJS.ProcessEnv): string[] {
  if (kubeconfig !== undefined) return [kubeconfig.replace(/^~(?=\/|$)/, homedir())];
  const named = (environment["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  return named.length > 0 ? named : [join(homedir(), ".kube", "config")];
}

interface Named {
  readonly name?: unknown;
}

interface KubeconfigFile {
  readonly contexts?: readonly (Named & { readonly context?: { readonly cluster?: unknown } })[];
  readonly clusters?: readonly (Named & { readonly cluster?: { readonly server?: unknown; "proxy-url"?: unknown } })[];
}

/** What the files together say; the first one that has an entry wins, as for kubectl. */
function serverOf(
  { context: contextName }: ClusterTarget,
  paths: readonly string[],
): { readonly server: string; readonly throughProxy: boolean } {
  const files = paths.map(readKubeconfig);
  const contexts = files.flatMap(({ contexts: each = [] }) => each);
  const context = contexts.find(({ name }) => name === contextName);
  if (context === undefined) {
    const known = contexts.map(({ name }) => `"${name}"`).join(", ") || "none";
    throw new ClusterUnreachable(
      `The kubeconfig ${paths.join(", ")} has no context "${contextName}", which platform:cluster.context names. It has: ${known}.`,
    );
  }
  const clusterName = context.context?.cluster;
  const cluster = files.flatMap(({ clusters = [] }) => clusters).find(({ name }) => name === clusterName)?.cluster;
  if (typeof cluster?.server !== "string" || !URL.canParse(cluster.server)) {
    throw new ClusterUnreachable(
      `The context "${contextName}" of the kubeconfig ${paths.join(", ")} leads to no server: its cluster ` +
        `"${String(clusterName)}" ${cluster === undefined ? "is missing" : "has no `server` that is a URL"}.`,
    );
  }
  return { server: cluster.server, throughProxy: cluster["proxy-url"] !== undefined };
}

function readKubeconfig(path: string): KubeconfigFile {
  try {
    const content = parse(readFileSync(path, "utf8")) as KubeconfigFile | null;
    return typeof content === "object" && content !== null ? content : {};
  } catch {
    // The parser's message may quote credentials.
    throw new ClusterUnreachable(`The kubeconfig ${path} cannot be read, or is not valid YAML.`);
  }
}

/** Why no connection comes about; undefined when one does. */
function connectionProblem(server: string): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(server);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "http:" ? 80 : 443) : Number(port),
    });
    const end = (reason: string | undefined) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(REACH_MILLISECONDS, () => end(`no answer within ${REACH_MILLISECONDS / 1000} s`));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end(error.message));
  });
}
