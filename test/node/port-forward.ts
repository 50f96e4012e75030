import { KubectlProcess } from "./kubectl-process";
import type { RealPlatform } from "./real-platform";

/** A port of a server on the real node. */
export interface ServerPort {
  readonly namespace: string;
  /** The pod's name. */
  readonly pod: string;
  readonly port: number;
}

/**
 * Makes a server reachable on a free loopback port while `use` runs. The pod sees calls from itself, so network policies
 * say nothing about them.
 * @param use gets the base address, without a slash at the end
 * @throws what kubectl said when it does not come about
 */
export async function throughPort<Result>(
  platform: RealPlatform,
  { namespace, pod, port }: ServerPort,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const words = ["--namespace", namespace, "port-forward", "--address", "127.0.0.1", `pod/${pod}`, `:${port}`];
  let announce: (address: string) => void = () => {};
  const announced = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const forwarding = await KubectlProcess.start(platform, words, (line) => {
    const address = /^Forwarding from (\S+) ->/.exec(line)?.[1];
    if (address !== undefined) announce(address);
  });
  const ended = forwarding.ended().then((complaint) => {
    throw new Error(`Port ${port} of ${namespace}/${pod} is not forwarded: ${complaint}`);
  });
  ended.catch(() => {}); // the end that comes below is no failure
  try {
    return await use(`http://${await Promise.race([announced, ended])}`);
  } finally {
    await forwarding.end();
  }
}
