import { createHash } from "node:crypto";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";

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
  /** All below this is the cluster's own. */
  readonly cluster: string;
  readonly lock: string;
  readonly record: string;
  /** etcd's data: what the cluster remembers. */
  readonly data: string;
  readonly pki: string;
  readonly logs: string;
  /** KWOK_WORKDIR. */
  readonly kwok: string;
  /** The folder kwokctl makes for the cluster. Made anew with every start. */
  readonly work: string;
}

/** Creates the folder when it is absent, for its owner only: it holds keys. */
export function layoutOf(directory: string = DEFAULT_DIRECTORY): Layout {
  if (!existsSync(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const real = realpathSync(directory);
  const name = `sandbox-${hashOf(real).toString(16).padStart(8, "0")}`;
  const cluster = join(real, "cluster");
  const kwok = join(cluster, "kwok");
  return {
    directory: real,
    name,
    kubeconfig: join(real, "kubeconfig"),
    state: join(real, "state"),
    cluster,
    lock: join(real, "cluster.lock"),
    record: join(cluster, "cluster.json"),
    data: join(cluster, "etcd"),
    pki: join(cluster, "pki"),
    logs: join(cluster, "logs"),
    kwok,
    work: join(kwok, "clusters", name),
  };
}

/** 32 bits that are the same for the same text on every machine. */
export function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}
