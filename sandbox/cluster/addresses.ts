/**
 * The addresses of a sandbox cluster. Simulated nodes only state theirs. The real node uses all of them inside a network
 * namespace of its own, so they cannot collide with networks of this machine, or of another sandbox.
 */

/** Services. The API server's default, 10.0.0.0/24, has room for 254 of them and is where KWOK puts its pods. */
export const SERVICE_RANGE = "10.96.0.0/16";

/** The Service `kubernetes`: always the first address of the range. */
export const API_SERVICE_ADDRESS = "10.96.0.1";

/** The Service `kube-dns`, by convention the tenth. */
export const DNS_SERVICE_ADDRESS = "10.96.0.10";

/** Pods of the real node. */
export const POD_RANGE = "10.244.0.0/16";

/** The real node itself: what slirp4netns calls its guest. */
export const NODE_ADDRESS = "10.0.2.100";

/** How programs on the real node reach 127.0.0.1 of this machine, where the API server listens: slirp4netns' gateway. */
export const HOST_SEEN_FROM_NODE = "10.0.2.2";

/**
 * Pods and nodes that KWOK simulates: its own default, and what `base-objects.ts` gives. Nothing has these addresses in
 * the sandbox, but something in the networks of this machine may.
 */
export const SIMULATED_RANGES: readonly string[] = ["10.0.0.0/24", "10.255.0.0/24"];
