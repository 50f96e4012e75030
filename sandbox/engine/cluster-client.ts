import type { KubeConfig, KubernetesObject } from "@kubernetes/client-node";
import { connectionAdvice, explainCredentials, explainUnauthorized } from "../providers/kubernetes/credentials-error";
import { UserError } from "../user-error";
import type { Target } from "./target";

const REACH_MILLISECONDS = 10_000;

/** The few questions that the commands ask a cluster by themselves, past the engine. */
export interface ClusterClient {
  /**
   * Asks the API server for its version.
   * @throws UserError when it does not answer or does not know the user
   */
  checkReachable(): Promise<void>;
  /** The object, or undefined when there is none (or the cluster does not know the kind). */
  find(
    apiVersion: string,
    kind: string,
    name: string,
    namespace: string | undefined,
  ): Promise<KubernetesObject | undefined>;
  /** All objects of a kind in all namespaces that carry the labels, for example `app.kubernetes.io/name=x`. */
  list(apiVersion: string, kind: string, labels: string): Promise<KubernetesObject[]>;
}

/** Loaded when it is needed: the library costs every command a good part of a second. */
export async function connect(target: Target): Promise<ClusterClient> {
  const { ApiException, KubeConfig, KubernetesObjectApi, VersionApi } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(target.kubeconfig);
  config.setCurrentContext(target.context);
  const objects = KubernetesObjectApi.makeApiClient(config);
  return {
    async checkReachable() {
      try {
        await withinTime(config.makeApiClient(VersionApi).getCode());
      } catch (error) {
        throw new UserError(
          `${unusable(error, ApiException, config, target)} ` +
            `Check with \`kubectl --kubeconfig ${target.kubeconfig} --context ${target.context} version\`. ` +
            "Nothing has been touched.",
        );
      }
    },
    async find(apiVersion, kind, name, namespace) {
      try {
        return await objects.read({
          apiVersion,
          kind,
          metadata: { name, ...(namespace !== undefined && { namespace }) },
        });
      } catch (error) {
        if (error instanceof ApiException && error.code === 404) return undefined;
        if (isUnknownKind(error)) return undefined;
        throw error;
      }
    },
    async list(apiVersion, kind, labels) {
      try {
        // The positions between are options that we leave alone: pretty, exact, export, field selector.
        const all = await objects.list(apiVersion, kind, undefined, undefined, undefined, undefined, undefined, labels);
        return all.items;
      } catch (error) {
        if (isUnknownKind(error)) return [];
        throw error;
      }
    },
  };
}

/** Why the API server cannot be used, and what to do. */
function unusable(
  error: unknown,
  ApiException: abstract new (...args: never[]) => { readonly code: number },
  config: KubeConfig,
  { server, context }: Target,
): string {
  const user = config.getCurrentUser();
  const program = user?.exec?.command;
  const place = { server, context, cluster: config.getCurrentCluster()?.name ?? "", user: user?.name ?? "" };
  const subject = `The API server ${server} (context "${context}") cannot be used:`;
  if (error instanceof ApiException) {
    return error.code === 401
      ? `${subject} ${explainUnauthorized(place)}`
      : `${subject} it answered with HTTP status ${error.code}.`;
  }
  const { code, path, syscall, message } = error as NodeJS.ErrnoException;
  // What the login's program says when it fails has no code; neither has this client's own time-out.
  const hasFailed = program !== undefined && code === undefined && !message.startsWith("no answer");
  const isLogin = path !== undefined || syscall?.startsWith("spawn") === true || hasFailed;
  if (isLogin)
    return `${subject} ${explainCredentials(error, { ...place, ...(program !== undefined && { program }) })}`;
  return `${subject} ${message}. ${connectionAdvice({ message, ...(code !== undefined && { code }) })}`;
}

/** The library finds kinds through discovery and has no class of error for what it does not find. */
function isUnknownKind(error: unknown): boolean {
  return error instanceof Error && /Unrecognized API version and kind|404/.test(error.message);
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${REACH_MILLISECONDS / 1000} s`)), REACH_MILLISECONDS);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
