import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_DIRECTORY } from "../cluster/layout";
import { imagePrerequisites } from "../images";
import { goServerAvailable, goServers } from "../servers/go-servers";
import { firstExecutable } from "../tools/path-lookup";
import { UserError } from "../user-error";
import { CNI_PROGRAMS } from "./configuration";
import { nodeEnvironment } from "./environment";

/** Commands that the node needs, and the Debian package of each. */
const commands: Readonly<Record<string, string>> = {
  containerd: "containerd",
  ctr: "containerd",
  "containerd-shim-runc-v2": "containerd",
  runc: "runc",
  slirp4netns: "slirp4netns",
  iptables: "iptables",
  ipset: "ipset",
  nft: "nftables",
  ip: "iproute2",
  mkfifo: "coreutils",
  unshare: "util-linux",
  nsenter: "util-linux",
  bash: "bash",
};

/** Folders that the node's own ones take the place of, see supervisor.sh. */
const HIDDEN = ["/run", "/var/lib", "/var/log"];

/**
 * Everything that this machine lacks for a real node, in words; empty when it lacks nothing. Changes nothing.
 * @param directory the sandbox folder
 */
export function missingForNode(directory: string = DEFAULT_DIRECTORY): string[] {
  if (process.platform !== "linux") return ["Linux: nodes run containers of Linux only"];
  const missing: string[] = [];
  if (process.getuid?.() !== 0)
    missing.push("root: a node mounts file systems and makes network interfaces (in namespaces of its own)");
  if (!canOpen("/dev/net/tun")) missing.push("the device /dev/net/tun");
  const environment = nodeEnvironment();
  const packages = new Set(
    Object.entries(commands)
      .filter(([command]) => firstExecutable(command, environment) === undefined)
      .map(([, name]) => name),
  );
  const plugins = ["bridge", "host-local", "loopback", "portmap"];
  if (!plugins.every((each) => existsSync(join(CNI_PROGRAMS, each)))) packages.add("containernetworking-plugins");
  if (!existsSync("/proc/sys/net/bridge") && firstExecutable("modprobe", environment) === undefined)
    packages.add("kmod");
  if (packages.size > 0)
    missing.push(`programs: apt-get install --no-install-recommends ${[...packages].sort().join(" ")}`);
  const hidden = HIDDEN.find((folder) => directory.startsWith(`${folder}/`));
  if (hidden !== undefined)
    missing.push(`another place for the sandbox than ${directory}: the node has a ${hidden} of its own`);
  const unbuilt = Object.values(goServers).find((server) => !goServerAvailable(server));
  if (unbuilt !== undefined) missing.push(`Go 1.26 or newer: ${unbuilt.name} is built from sources`);
  return [...missing, ...imagePrerequisites()];
}

/**
 * @param directory the sandbox folder
 * @throws UserError that names everything that is missing
 */
export function requireNodePrerequisites(directory: string = DEFAULT_DIRECTORY): void {
  const missing = missingForNode(directory);
  if (missing.length === 0) return;
  throw new UserError(
    `This machine cannot run a real node. Missing:\n${missing.map((each) => `  - ${each}`).join("\n")}\n` +
      "With `--node simulated` the platform comes up on simulated nodes, which need none of this.",
  );
}

function canOpen(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false; // absent, or not for this user: the caller tells
  }
}
