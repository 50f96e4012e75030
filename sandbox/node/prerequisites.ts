import { accessSync, constants, existsSync } from "node:fs";
import { imagePrerequisites } from "../images";
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
  sysctl: "procps",
  unshare: "util-linux",
  nsenter: "util-linux",
  bash: "bash",
};

/** Everything that this machine lacks for a real node, in words; empty when it lacks nothing. Changes nothing. */
export function missingForNode(): string[] {
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
  if (!existsSync(`${CNI_PROGRAMS}/bridge`)) packages.add("containernetworking-plugins");
  if (packages.size > 0)
    missing.push(`programs: apt-get install --no-install-recommends ${[...packages].sort().join(" ")}`);
  return [...missing, ...imagePrerequisites()];
}

/** @throws UserError that names everything that is missing */
export function requireNodePrerequisites(): void {
  const missing = missingForNode();
  if (missing.length === 0) return;
  throw new UserError(
    `This machine cannot run a real node. Missing:\n${missing.map((each) => `  - ${each}`).join("\n")}\n` +
      "Without `--node real` the platform comes up on simulated nodes, which need none of this.",
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
