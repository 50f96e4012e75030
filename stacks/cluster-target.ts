import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "./settings";

/** Provider arguments that say which cluster is meant. */
export interface ClusterTarget {
  readonly kubeconfig?: string;
  readonly context: string;
  /** What makes it the same cluster for the state, however it is reached. */
  readonly clusterIdentifier: string;
}

/**
 * The cluster of this run. It is the context that the stack names and never the current one of a kubeconfig; only the
 * embedded cluster, which has a state of its own, takes the place of the stack's context.
 *
 * A kubeconfig is named to the provider only where that is the same for everybody: the embedded cluster's, and one that
 * the settings name. What is named is kept in the state, where the path of one person is a change to the next one. Else
 * the provider finds it as kubectl does; the commands set KUBECONFIG to the file that they have checked.
 */
export function clusterTarget({ cluster }: Pick<Settings, "cluster">, environment: NodeJS.ProcessEnv): ClusterTarget {
  const embedded = environment["PLATFORM_SANDBOX"] === "true" ? environment["PLATFORM_CONTEXT"] : undefined;
  const checked = environment["PLATFORM_KUBECONFIG"];
  const kubeconfig =
    embedded === undefined && cluster.kubeconfig === undefined ? undefined : (checked ?? cluster.kubeconfig);
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    context: embedded ?? cluster.context,
    clusterIdentifier: embedded ?? cluster.identifier ?? cluster.context,
  };
}

/** Takes out what the SDK adds to the provider's arguments by itself: the variable KUBECONFIG of whoever runs it. */
export function asTold({ kubeconfig }: ClusterTarget): pulumi.ResourceTransformation {
  return ({ props, opts }) => {
    const { kubeconfig: _, ...rest } = props;
    return { props: kubeconfig === undefined ? rest : props, opts };
  };
}
