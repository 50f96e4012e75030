import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { NODE_ADDRESS } from "../cluster/addresses";
import { type ApiClient, readReply } from "../cluster/api-client";
import { readNodes } from "../cluster/start";
import { type CommandResult, runCommand } from "../tools/command";
import { UserError } from "../user-error";
import { NODE_NAME, type NodeFacts, type NodePrograms, nodeFiles } from "./configuration";
import { nodeEnvironment } from "./environment";
import { findNodeProcesses, NETWORK_SOCKET, SUPERVISOR, stopNodeProcesses } from "./processes";
import { waitUntil } from "./wait";

const READY_MILLISECONDS = 120_000;
const ANSWER_MILLISECONDS = 10_000;

/** A named pipe that the node holds open while it lives. */
const ALIVE = "alive";

/**
 * Starts the programs of the node and waits until it takes pods. Images and containers of an earlier start are found
 * again in the node's folder.
 * @param prepare called as soon as images can be imported
 * @throws UserError with the end of the log of the program that failed
 */
export async function startNode(
  facts: NodeFacts,
  programs: NodePrograms,
  pauseImage: string,
  api: ApiClient,
  prepare: () => Promise<void>,
): Promise<void> {
  const { directory } = facts;
  const files = nodeFiles(facts, programs, pauseImage);
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content);
  }
  mkdirSync(join(directory, "logs"), { recursive: true });
  const before = await leaseOf(api);
  const supervisor = await startSupervisor(directory, Object.keys(programs));
  try {
    await connectNetwork(directory, supervisor, facts.kubeletPort);
    await untilNode(directory, "containerd", () =>
      inNode(directory, ["test", "-e", "/run/node-has-containerd"]).then(({ code }) => code === 0),
    );
    await prepare();
    // The node of an earlier start may still count as ready: only a new heartbeat tells of this kubelet.
    await untilNode(
      directory,
      "the kubelet",
      async () =>
        (await leaseOf(api)) !== before &&
        (await readNodes(api)).some(({ name, ready }) => name === NODE_NAME && ready),
    );
    await admit(api);
  } catch (error) {
    await stopNode(directory);
    throw error;
  }
}

/** Changes when the node would be started differently from the way it was. */
export function nodeFingerprint(facts: NodeFacts, programs: NodePrograms, pauseImage: string): string {
  const hash = createHash("sha256").update(readFileSync(SUPERVISOR));
  return hash.update(JSON.stringify(nodeFiles(facts, programs, pauseImage))).digest("hex");
}

/** Ends the node and gives back what the kernel does not: its control groups. Images and volumes stay. */
export async function stopNode(directory: string): Promise<void> {
  await stopNodeProcesses(directory);
  rmSync(join(directory, NETWORK_SOCKET), { force: true });
  removeControlGroups(directory);
}

/** Runs a program in the node's namespaces, and on its file systems. */
export async function inNode(directory: string, words: readonly string[]): Promise<CommandResult> {
  const { supervisor } = findNodeProcesses(directory);
  if (supervisor === undefined) throw new UserError("The sandbox's real node does not run.");
  return await runCommand(
    "nsenter",
    ["--target", String(supervisor), "--mount", "--net", "--pid", "--ipc", "--uts", "--", ...words],
    { environment: nodeEnvironment() },
  );
}

async function startSupervisor(directory: string, programs: readonly string[]): Promise<number> {
  const alive = join(directory, ALIVE);
  rmSync(alive, { force: true });
  execFileSync("mkfifo", ["-m", "0600", alive]);
  const log = openSync(join(directory, "logs", "supervisor.log"), "w", 0o600);
  const child = spawn(
    "unshare",
    [
      ...["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--mount-proc", "--propagation=private"],
      ...["bash", SUPERVISOR, directory, NODE_NAME],
      ...programs.filter((program) => program !== "containerd"),
    ],
    { cwd: "/", env: nodeEnvironment(), stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  const failed = failureOf(child);
  child.unref();
  for (;;) {
    const { supervisor } = findNodeProcesses(directory);
    if (supervisor !== undefined) return supervisor;
    const reason = failed();
    if (reason !== undefined) throw startError(directory, reason);
    await delay(20);
  }
}

/** slirp4netns takes neither interfaces nor packet filter rules of this machine: it is a client of the kernel like any other. */
async function connectNetwork(directory: string, supervisor: number, kubeletPort: number): Promise<void> {
  rmSync(join(directory, NETWORK_SOCKET), { force: true });
  const log = openSync(join(directory, "logs", "slirp4netns.log"), "w", 0o600);
  const alive = openSync(join(directory, ALIVE), constants.O_RDONLY | constants.O_NONBLOCK);
  const child = spawn(
    "slirp4netns",
    [
      "--configure",
      "--mtu=65520",
      "--ready-fd=3",
      "--exit-fd=4",
      `--api-socket=${NETWORK_SOCKET}`,
      String(supervisor),
      "tap0",
    ],
    { cwd: directory, env: nodeEnvironment(), stdio: ["ignore", log, log, "pipe", alive], detached: true },
  );
  closeSync(log);
  closeSync(alive);
  const failed = failureOf(child);
  child.unref();
  const ready = child.stdio[3];
  const isUp = new Promise<boolean>((resolve) => {
    ready
      ?.once("data", () => resolve(true))
      .once("close", () => resolve(false))
      .once("error", () => resolve(false));
  });
  if (!(await isUp)) throw startError(directory, failed() ?? "slirp4netns ended", "slirp4netns");
  ready?.destroy();
  // The same socket by a path that is short enough for every folder.
  const answer = await askNetwork(`/proc/${child.pid}/cwd/${NETWORK_SOCKET}`, {
    execute: "add_hostfwd",
    arguments: {
      proto: "tcp",
      host_addr: "127.0.0.1",
      host_port: kubeletPort,
      guest_addr: NODE_ADDRESS,
      guest_port: kubeletPort,
    },
  });
  if (answer.error !== undefined)
    throw startError(directory, `port ${kubeletPort} cannot be forwarded: ${JSON.stringify(answer.error)}`);
}

function askNetwork(socket: string, request: unknown): Promise<{ readonly error?: unknown }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const connection = connect({ path: socket });
    connection.setTimeout(ANSWER_MILLISECONDS, () => connection.destroy(new Error("slirp4netns does not answer")));
    connection.once("error", reject);
    connection.on("data", (chunk) => chunks.push(chunk));
    connection.once("end", () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      } catch (error) {
        reject(error); // cut off: it has just ended
      }
    });
    connection.end(JSON.stringify(request));
  });
}

/** When the kubelet was last heard of; undefined when it never was. */
async function leaseOf(api: ApiClient): Promise<string | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${NODE_NAME}`;
  const { status, body } = await api.request("GET", path);
  return status === 200 ? (JSON.parse(body) as { spec: { renewTime?: string } }).spec.renewTime : undefined;
}

/**
 * Does what a cloud provider does for a node that has joined: states the address under which it is reached, and lets
 * pods in.
 */
async function admit(api: ApiClient): Promise<void> {
  const path = `/api/v1/nodes/${NODE_NAME}`;
  const node = readReply(await api.request("GET", path), "read the real node") as {
    readonly spec: { readonly taints?: readonly { readonly key: string }[] };
    readonly status: { readonly addresses: readonly { readonly type: string }[] };
  };
  if (!node.status.addresses.some(({ type }) => type === "ExternalIP")) {
    const addresses = [...node.status.addresses, { type: "ExternalIP", address: "127.0.0.1" }];
    readReply(await api.request("PATCH", `${path}/status`, { status: { addresses } }), "state the real node's address");
  }
  const taints = (node.spec.taints ?? []).filter(({ key }) => key !== "node.cloudprovider.kubernetes.io/uninitialized");
  readReply(await api.request("PATCH", path, { spec: { taints } }), "let pods onto the real node");
}

/** Waits for a condition that cannot come true any more once the node has ended. */
function untilNode(directory: string, what: string, condition: () => Promise<boolean>): Promise<void> {
  const check = async () => {
    if (findNodeProcesses(directory).supervisor === undefined) throw startError(directory, "it ended");
    return await condition();
  };
  const inVain = () => startError(directory, `${what} did not get ready in ${READY_MILLISECONDS / 1000} s`);
  return waitUntil(check, READY_MILLISECONDS, inVain);
}

/** Tells, when asked, how a child has failed; undefined while it runs. */
function failureOf(child: ChildProcess): () => string | undefined {
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, signal) => {
    failure ??= `${child.spawnfile} ended with ${signal ?? `exit code ${code}`}`;
  });
  return () => failure;
}

function startError(directory: string, reason: string, log = "supervisor"): UserError {
  const file = join(directory, "logs", `${log}.log`);
  const said = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").slice(-3).join("\n") : "";
  return new UserError(
    `The sandbox's real node could not be started: ${reason}\n${said}\nIts logs are in ${dirname(file)}.`,
  );
}

/**
 * runc makes a control group per container, which outlives a killed one. Only empty ones can be removed, and only those
 * with the long name of a container of this node are.
 */
function removeControlGroups(directory: string): void {
  const containers = listContainers(directory);
  for (const hierarchy of controlGroupRoots()) {
    for (const container of containers) removeEmpty(join(hierarchy, "k8s.io", container));
    removeEmpty(join(hierarchy, "k8s.io"));
  }
}

/** Folders that may hold control groups: of version 2, and one per controller of version 1. */
function controlGroupRoots(): string[] {
  const root = "/sys/fs/cgroup";
  if (!existsSync(root)) return [];
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [root, ...folders.map(({ name }) => join(root, name))].filter((folder) => existsSync(join(folder, "k8s.io")));
}

/** Identifiers of all containers that containerd has not forgotten. */
function listContainers(directory: string): string[] {
  const folder = join(directory, "containerd", "io.containerd.runtime.v2.task", "k8s.io");
  return existsSync(folder) ? readdirSync(folder) : [];
}

function removeEmpty(controlGroup: string): void {
  try {
    rmdirSync(controlGroup);
  } catch (error) {
    // EBUSY, ENOTEMPTY: something lives in it, which can only be of another runtime.
    const expected = ["ENOENT", "EBUSY", "ENOTEMPTY"];
    if (!expected.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
