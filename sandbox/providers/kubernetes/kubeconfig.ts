import { existsSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { isUnknown, type PropertyMap, type PropertyValue } from "../protocol/property-values";
import { type Configuration, text } from "./configuration";
import { explainCredentials, type Login } from "./credentials-error";

/** Where the API server is and how to log in to it. */
export interface ClusterAccess {
  readonly server: URL;
  /** Context, cluster and user of the kubeconfig that were chosen, for messages. */
  readonly context: string;
  readonly cluster: string;
  readonly user: string;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** Certificates and headers for one request; asked for again and again, because tokens expire. */
  credentials(): Promise<RequestOptions>;
}

/**
 * Finds the cluster that a provider resource means.
 *
 * @throws when the kubeconfig cannot be read, or the context or cluster does not exist in it
 */
export async function clusterAccess(configuration: Configuration): Promise<ClusterAccess> {
  const kubeconfig = await loadKubeconfig(configuration.kubeconfig);
  const contextName = configuration.context ?? kubeconfig.getCurrentContext();
  const context = kubeconfig.getContextObject(contextName);
  if (!context) {
    throw new Error(
      `The kubeconfig has no context "${contextName ?? ""}". It has: ${names(kubeconfig.getContexts())}. ` +
        "Correct the provider's argument `context` or its `kubeconfig`.",
    );
  }
  const clusterName = configuration.cluster ?? context.cluster;
  const cluster = kubeconfig.getCluster(clusterName);
  if (!cluster) {
    throw new Error(`The kubeconfig has no cluster "${clusterName}". It has: ${names(kubeconfig.getClusters())}.`);
  }
  kubeconfig.contexts = kubeconfig.contexts.map((entry) =>
    entry.name === contextName ? { ...entry, cluster: clusterName } : entry,
  );
  kubeconfig.setCurrentContext(contextName);
  const login = loginOf(kubeconfig, { context: contextName, cluster: clusterName, server: cluster.server });
  return {
    server: new URL(cluster.server),
    context: contextName,
    cluster: clusterName,
    user: login.user,
    namespace: configuration.namespace ?? context.namespace ?? "default",
    credentials: async () => {
      const options: RequestOptions = {};
      try {
        await kubeconfig.applyToHTTPSOptions(options);
      } catch (error) {
        throw new CredentialsError(explainCredentials(error, login));
      }
      return options;
    },
  };
}

/** The login of a kubeconfig cannot be had: a program or a file is missing, or the program has failed. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
}

function loginOf(kubeconfig: KubeConfig, place: Pick<Login, "context" | "cluster" | "server">): Login {
  const user = kubeconfig.getCurrentUser();
  const program = user?.exec?.command ?? user?.authProvider?.config?.exec?.command;
  return { ...place, user: user?.name ?? "", ...(typeof program === "string" && { program }) };
}

async function loadKubeconfig(pathOrContent: string | undefined): Promise<KubeConfig> {
  // Loaded on first use: the package takes a third of a second, which a run without Kubernetes should not pay.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const kubeconfig = new KubeConfig();
  try {
    if (pathOrContent === undefined) kubeconfig.loadFromDefault();
    else if (isFile(pathOrContent)) kubeconfig.loadFromFile(expandHome(pathOrContent));
    else kubeconfig.loadFromString(pathOrContent);
  } catch {
    // The parser's message may quote credentials.
    const subject = pathOrContent !== undefined && !pathOrContent.includes("\n") ? ` "${pathOrContent}"` : "";
    throw new Error(
      `The kubeconfig${subject} is neither a file that can be read nor the content of a kubeconfig. ` +
        "Correct the provider's argument `kubeconfig` or the variable KUBECONFIG.",
    );
  }
  return kubeconfig;
}

function isFile(pathOrContent: string): boolean {
  return !pathOrContent.includes("\n") && existsSync(expandHome(pathOrContent));
}

function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

function names(entries: readonly { readonly name: string }[]): string {
  return entries.map(({ name }) => `"${name}"`).join(", ") || "none";
}

/** Names of the provider's arguments that decide which cluster it talks to. */
const identifyingArguments = ["kubeconfig", "context", "cluster"];

/**
 * Arguments whose change means another cluster, so that every object has to be replaced. A `clusterIdentifier` on both
 * sides decides alone; otherwise the addresses of the two clusters are compared.
 */
export async function replacingArguments(oldArgs: PropertyMap, newArgs: PropertyMap): Promise<string[]> {
  const [oldIdentifier, newIdentifier] = [text(oldArgs, "clusterIdentifier"), text(newArgs, "clusterIdentifier")];
  if (oldIdentifier !== undefined && newIdentifier !== undefined) {
    return oldIdentifier === newIdentifier ? [] : ["clusterIdentifier"];
  }
  const unknown = identifyingArguments.filter((name) => isUnknown(newArgs[name]));
  if (unknown.length > 0) return unknown;
  const [oldServer, newServer] = await Promise.all([serverOf(oldArgs), serverOf(newArgs)]);
  if (oldServer === undefined || newServer === undefined || oldServer === newServer) return [];
  return identifyingArguments.filter((name) => !sameArgument(oldArgs[name], newArgs[name]));
}

function sameArgument(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Address of the cluster; undefined when the arguments do not lead to one (the old kubeconfig may be gone). */
async function serverOf(args: PropertyMap): Promise<string | undefined> {
  try {
    const kubeconfig = await loadKubeconfig(text(args, "kubeconfig"));
    const context = kubeconfig.getContextObject(text(args, "context") ?? kubeconfig.getCurrentContext());
    const cluster = text(args, "cluster") ?? context?.cluster;
    return cluster === undefined ? undefined : kubeconfig.getCluster(cluster)?.server;
  } catch {
    return undefined;
  }
}
