import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../user-error";
import { hashOf } from "./layout";

/** All on 127.0.0.1. */
export interface ClusterPorts {
  readonly apiServer: number;
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly kwok: number;
  /** Of the real node, when there is one. */
  readonly kubelet: number;
}

const PER_CLUSTER = 7;
/** Below the ports that systems hand out for outgoing connections (from 32768 or 49152), and not Kubernetes' NodePorts. */
const FIRST_PORT = 20_000;
const BLOCKS = 1_400;
const MAXIMUM_TRIES = 100;
/** A killed process may hold its ports for a moment after it has gone from the process list. */
const PATIENCE_TRIES = 10;
const PATIENCE_MILLISECONDS = 100;

/** The ports of one block. Blocks do not overlap. */
export function portBlock(index: number): ClusterPorts {
  const first = FIRST_PORT + (index % BLOCKS) * PER_CLUSTER;
  return {
    apiServer: first,
    etcd: first + 1,
    etcdPeer: first + 2,
    controllerManager: first + 3,
    scheduler: first + 4,
    kwok: first + 5,
    kubelet: first + 6,
  };
}

/** The block a folder gets when nobody has it: the same after a reset, so that kubeconfigs stay valid. */
export function preferredBlock(directory: string): number {
  return hashOf(directory) % BLOCKS;
}

/**
 * Free ports for the cluster of a folder: those it had before, else its preferred block, else the next free one.
 * @throws when there is no free block within reach
 */
export async function choosePorts(
  directory: string,
  before: ClusterPorts | undefined,
  areFree: (ports: ClusterPorts) => Promise<boolean> = allFree,
): Promise<ClusterPorts> {
  // Worth some patience: a cluster that keeps its address keeps every kubeconfig and Pulumi provider valid.
  for (let tries = 0; before !== undefined && tries < PATIENCE_TRIES; tries++) {
    if (await areFree(before)) return before;
    await delay(PATIENCE_MILLISECONDS);
  }
  const first = preferredBlock(directory);
  for (let index = first; index < first + MAXIMUM_TRIES; index++) {
    const ports = portBlock(index);
    if (await areFree(ports)) return ports;
  }
  throw new UserError(
    `The sandbox found no ${PER_CLUSTER} free ports in a row on 127.0.0.1 from ${portBlock(first).apiServer} on, in ` +
      `${MAXIMUM_TRIES} tries. Stop what listens there (ss -ltnp), or stop sandboxes of other checkouts.`,
  );
}

async function allFree(ports: ClusterPorts): Promise<boolean> {
  const free = await Promise.all(Object.values(ports).map(isFree));
  return free.every(Boolean);
}

/** Whether a server can listen on this port of 127.0.0.1 right now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
