import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { layoutOf } from "../../sandbox/cluster/layout";
import { findNodeProcesses } from "../../sandbox/node";
import type { RealPlatform } from "./real-platform";

/** Connects its standard input and output to an address; run in the node's network, where Services have theirs. */
const CONNECT = `
  const socket = require("node:net").connect(Number(process.argv[2]), process.argv[1]);
  socket.on("error", () => process.exit(1));
  socket.on("close", () => process.exit(0));
  process.stdin.pipe(socket).pipe(process.stdout);
`;

/**
 * A port of a Service on this machine's loopback. It connects as the node itself does, which network policies let pass,
 * and lives on when the pods behind the Service are made again.
 */
export class ServiceRelay {
  private readonly children = new Set<ChildProcess>();
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async open(platform: RealPlatform, namespace: string, service: string, port: number): Promise<ServiceRelay> {
    const { spec } = await platform.object<{ spec: { clusterIP: string } }>(namespace, "service", service);
    const { supervisor } = findNodeProcesses(layoutOf(platform.sandbox).node);
    if (supervisor === undefined) throw new Error("The real node does not run.");
    const words = ["--target", String(supervisor), "--net", "--", process.execPath, "-e", CONNECT];
    const server = createServer((socket) => relay.connect(socket, [...words, spec.clusterIP, String(port)]));
    const relay = new ServiceRelay(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return relay;
  }

  /** On 127.0.0.1. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const ends = [...this.children].map(async (child) => {
      const ended = once(child, "close");
      child.kill("SIGTERM");
      await ended;
    });
    this.server.close();
    await Promise.all(ends);
  }

  private connect(socket: Socket, words: readonly string[]): void {
    const child = spawn("nsenter", words, { stdio: ["pipe", "pipe", "inherit"] });
    this.children.add(child);
    this.sockets.add(socket);
    child.once("close", () => {
      this.children.delete(child);
      socket.destroy();
    });
    socket.once("close", () => {
      this.sockets.delete(socket);
      child.kill("SIGTERM");
    });
    // A side that has gone away shows by the end of the other, which is looked at above.
    socket.on("error", () => {});
    child.stdin.on("error", () => {});
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  }
}
