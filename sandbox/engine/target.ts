import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import type { ImageSource } from "../node/image-source";
import { UserError } from "../user-error";

/** The cluster that a run works on. */
export interface Target {
  /** `sandbox`: the embedded cluster, whose state, passphrase and locks belong to the sandbox. `cluster`: the user's. */
  readonly kind: "sandbox" | "cluster";
  /** Path of the kubeconfig file. */
  readonly kubeconfig: string;
  /** Name of the context in that file; never its `current-context`. */
  readonly context: string;
  /** Address of the API server, for messages and for the check against the stack's settings. */
  readonly server: string;
  /** Where images come from that run on the embedded cluster's real node. @default there is none */
  readonly realNode?: ImageSource | undefined;
}

/** What the stack file says about the cluster it belongs to (`platform:cluster`). */
export interface ClusterIdentity {
  readonly context?: string;
  readonly server?: string;
}

/** Why a target is refused, in words for the user. Used before the engine starts, so nothing has been touched then. */
const NOTHING_TOUCHED = "Nothing has been touched.";

/**
 * The user's own cluster from `--kubeconfig FILE --context NAME`.
 * @throws UserError when one of the two is missing, or when the file does not have the context
 */
export function clusterTarget(kubeconfig: string | undefined, context: string | undefined): Target {
  if (kubeconfig === undefined || context === undefined) {
    throw new UserError(
      `--kubeconfig FILE and --context NAME belong together: ${kubeconfig === undefined ? "--kubeconfig" : "--context"} ` +
        "is missing. The current context of a kubeconfig is never used, because it changes without notice.",
    );
  }
  return { kind: "cluster", kubeconfig: resolve(kubeconfig), context, server: serverOf(kubeconfig, context) };
}

/**
 * Refuses a target that is not the cluster the stack names.
 * @param identity the `platform:cluster` setting of the stack
 * @throws UserError naming both sides and the setting to change
 */
export function checkIdentity(stack: string, identity: ClusterIdentity | undefined, target: Target): void {
  const file = `Pulumi.${stack}.yaml`;
  if (identity?.context === undefined) {
    throw new UserError(
      `Stack ${stack} does not say which cluster it belongs to. Set platform:cluster.context in ${file}, for example ` +
        `\`platform:cluster: { context: ${target.context} }\`, so that no other cluster is changed by mistake. ${NOTHING_TOUCHED}`,
    );
  }
  if (identity.context !== target.context) {
    throw new UserError(
      `Stack ${stack} belongs to the context "${identity.context}" (platform:cluster.context in ${file}), ` +
        `but --context is "${target.context}". Choose the other stack or the other context. ${NOTHING_TOUCHED}`,
    );
  }
  if (identity.server !== undefined && normalized(identity.server) !== normalized(target.server)) {
    throw new UserError(
      `Stack ${stack} belongs to the API server ${identity.server} (platform:cluster.server in ${file}), ` +
        `but context "${target.context}" of ${target.kubeconfig} leads to ${target.server}. ${NOTHING_TOUCHED}`,
    );
  }
}

function normalized(server: string): string {
  return URL.canParse(server) ? new URL(server).href : server;
}

interface Kubeconfig {
  readonly contexts?: readonly { readonly name?: string; readonly context?: { readonly cluster?: string } }[];
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: { readonly server?: string } }[];
}

/** The API server that a context of a kubeconfig file leads to. */
function serverOf(path: string, context: string): string {
  const kubeconfig = readKubeconfig(path);
  const names = (kubeconfig.contexts ?? []).map((each) => each.name ?? "");
  const found = kubeconfig.contexts?.find((each) => each.name === context);
  if (found === undefined) {
    const known = names.length === 0 ? "It has no contexts." : `It has: ${names.join(", ")}.`;
    throw new UserError(`${path} has no context "${context}". ${known} ${NOTHING_TOUCHED}`);
  }
  const server = kubeconfig.clusters?.find((each) => each.name === found.context?.cluster)?.cluster?.server;
  if (server === undefined) {
    throw new UserError(`Context "${context}" of ${path} names no cluster with a server address. ${NOTHING_TOUCHED}`);
  }
  return server;
}

function readKubeconfig(path: string): Kubeconfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`The kubeconfig ${path} cannot be read: ${(error as Error).message}`);
  }
  let content: unknown;
  try {
    content = parse(text);
  } catch {
    // The parser's message quotes the file, which holds credentials.
    throw new UserError(`The kubeconfig ${path} is not valid YAML.`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UserError(
      `The kubeconfig ${path} is not a kubeconfig: it should be a YAML object with contexts and clusters.`,
    );
  }
  return content;
}
