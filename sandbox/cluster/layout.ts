import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** The sandbox folder of this checkout, ignored by git. */
export const DEFAULT_DIRECTORY = resolve(__dirname, "../../.sandbox");

/** Where everything of one cluster is. */
export interface Layout {
  /** The sandbox folder: absolute, without symbolic links, so that processes can be recognised by their paths. */
  readonly directory: string;
  /** Name of the cluster for kwokctl. Unlike the context's name it differs per folder. */
  readonly name: string;
  readonly kubeconfig: string;
  /** Pulumi's state of what is deployed on this cluster. */
  readonly state: string;
  /** The engine's work folders of the stacks on this cluster: of no use without `state`. */
  readonly engineWork: string;
  /** All below this is the cluster's own. */
  readonly cluster: string;
  readonly lock: string;
  readonly record: string;
  /** etcd's data: what the cluster remembers. */
  readonly data: string;
  readonly pki: string;
  readonly logs: string;
  /** Files, images and containers of the real node, when there is one. */
  readonly node: string;
  /** KWOK_WORKDIR. */
  readonly kwok: string;
  /** The folder kwokctl makes for the cluster. Made anew with every start. */
  readonly work: string;
}

/**
 * Creates the folder when it is absent, for its owner only: it holds keys. The default folder may have been made by
 * something else, with wider permissions, and is closed; an existing folder of the user's choice stays as it is.
 */
export function prepareLayout(directory: string = DEFAULT_DIRECTORY): Layout {
  if (!existsSync(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (resolve(directory) === DEFAULT_DIRECTORY) keepToOwner(directory);
  return layoutOf(directory);
}

/** Takes the permissions of all others away. Leaves a folder of another user alone: only its owner can do that. */
export function keepToOwner(directory: string): void {
  const { uid, mode } = statSync(directory);
  if (uid === process.getuid?.() && (mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/** Where everything is, or would be: the folder need not exist, and nothing is changed. */
export function layoutOf(directory: string = DEFAULT_DIRECTORY): Layout {
  const real = withoutLinks(resolve(directory));
  const name = `sandbox-${hashOf(real).toString(16).padStart(8, "0")}`;
  const cluster = join(real, "cluster");
  const kwok = join(cluster, "kwok");
  return {
    directory: real,
    name,
    kubeconfig: join(real, "kubeconfig"),
    state: join(real, "state"),
    engineWork: join(real, "work"),
    cluster,
    lock: join(real, "cluster.lock"),
    record: join(cluster, "cluster.json"),
    data: join(cluster, "etcd"),
    pki: join(cluster, "pki"),
    logs: join(cluster, "logs"),
    node: join(cluster, "node"),
    kwok,
    work: join(kwok, "clusters", name),
  };
}

/** The path without symbolic links, as far as it exists: the same before and after the folder is created. */
function withoutLinks(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(withoutLinks(dirname(path)), basename(path));
}

/** 32 bits that are the same for the same text on every machine. */
export function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}
