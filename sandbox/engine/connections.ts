import * as settings from "@pulumi/pulumi/runtime/settings";

/** What the SDK opens its connections to the engine with: exported, but not declared. */
interface Internals {
  readonly grpcClientOptions?: Record<string, unknown>;
}

/**
 * Lets every run of this process connect to its own engine as if it were the first. The SDK does not close its
 * connections, so they go on trying to reach engines that have ended, and gRPC shares what it knows of an address: when
 * a later engine happens to get such a port, its program is told that nobody listens there, without a try. The run
 * fails then; under Jest, which keeps unhandled rejections from the SDK, it even succeeds with an empty program.
 */
export function separateConnections(): void {
  const { grpcClientOptions } = settings as Internals;
  if (grpcClientOptions === undefined) throw new Error("This version of @pulumi/pulumi has no grpcClientOptions.");
  grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;
}
