import type { Settings } from "./settings";

/** Provider arguments that say which cluster is meant. */
export interface ClusterTarget {
  readonly kubeconfig?: string;
  readonly context: string;
  /** What makes it the same cluster for the state, however it is reached. */
  readonly clusterIdentifier: string;
}

/**
 * The cluster of this run. It is the context that the stack names and never the current one of a kubeconfig. The
 * commands hand over the kubeconfig that they have checked; only the embedded cluster, which has a state of its own,
 * takes the place of the stack's context.
 */
export function clusterTarget({ cluster }: Pick<Settings, "cluster">, environment: NodeJS.ProcessEnv): ClusterTarget {
  const kubeconfig = environment["PLATFORM_KUBECONFIG"] ?? cluster.kubeconfig;
  const embedded = environment["PLATFORM_SANDBOX"] === "true" ? environment["PLATFORM_CONTEXT"] : undefined;
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    context: embedded ?? cluster.context,
    clusterIdentifier: embedded ?? cluster.identifier ?? cluster.context,
  };
}
