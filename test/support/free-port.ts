import { randomInt } from "node:crypto";
import { isFree } from "../../sandbox/cluster/ports";

/**
 * Below the ports that systems hand out for outgoing connections (from 32768 or 49152), any of which could be taken
 * between its choice and its use; and below those of the sandbox (from 20000).
 */
const FIRST_PORT = 10_000;
const END = 20_000;

/** Those that this process has been given: a server may take its port much later. */
const given = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on, for a server that cannot choose one itself. Another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, END); // by chance, because other processes choose at the same time
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}
