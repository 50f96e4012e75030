import type { EngineLog } from "../protocol/resource-provider";
import { ApiClient } from "./api-client";
import { ReadinessWaiter } from "./await/readiness-waiter";
import type { Configuration } from "./configuration";
import { Discovery } from "./discovery";
import { type ClusterAccess, clusterAccess } from "./kubeconfig";
import { ObjectStore } from "./object-store";
import type { ProgramObjects } from "./program-objects";

/** One configured cluster and everything that is needed to work with its objects. */
export interface Connection {
  readonly configuration: Configuration;
  readonly store: ObjectStore;
  readonly waiter: ReadinessWaiter;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  readonly log: EngineLog;
  readonly program: ProgramObjects;
  /** Aborts when the engine cancels. */
  readonly cancelled: AbortSignal;
}

/** Finds the cluster that a configuration means. */
export type AccessFinder = (configuration: Configuration) => Promise<ClusterAccess>;

/**
 * Connects to the cluster of a configuration and reads which kinds it has.
 *
 * @throws when the kubeconfig leads nowhere or the API server does not answer
 */
export async function connect(
  configuration: Configuration,
  log: EngineLog,
  cancelled: AbortSignal,
  program: ProgramObjects,
  find: AccessFinder = clusterAccess,
): Promise<Connection> {
  const access = await find(configuration);
  const client = new ApiClient(access, configuration, cancelled);
  const discovery = new Discovery(client);
  await discovery.load();
  const store = new ObjectStore(client, discovery);
  const waiter = new ReadinessWaiter(store, log, cancelled);
  return { configuration, store, waiter, namespace: access.namespace, log, program, cancelled };
}
