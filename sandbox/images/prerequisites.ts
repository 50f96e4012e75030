import { existsSync } from "node:fs";
import { firstExecutable } from "../tools/path-lookup";
import { ARCHIVE_KEYRING, ownSources } from "./package-sources";

/** Programs that a build runs, and the Debian package of each. */
const PROGRAMS = {
  "apt-get": "apt",
  bash: "bash",
  mmdebstrap: "mmdebstrap",
  mount: "mount",
  setpriv: "util-linux",
  tar: "tar",
  unshare: "util-linux",
  zstd: "zstd",
} as const;

/** What a look at the machine finds. Tests give their own. */
export interface MachineFacts {
  /** @default that of this process */
  readonly environment?: NodeJS.ProcessEnv;
  /** @default that of this process */
  readonly system?: string;
  /** Numeric id of the user. @default that of this process */
  readonly user?: number;
  /** Whether apt's sources, or the keys for Debian's public ones, are there. @default looked up */
  readonly packagesCanBeChecked?: boolean;
}

/** What is missing on this machine to make images, each with the way out; empty: nothing. Changes nothing. */
export function imagePrerequisites(facts: MachineFacts = {}): string[] {
  const { environment = process.env, system = process.platform, user = process.getuid?.() } = facts;
  if (system !== "linux") return ["Images can be made on Linux only: their programs are Linux programs."];
  const missing = Object.entries(PROGRAMS).filter(([name]) => firstExecutable(name, environment) === undefined);
  const checked = facts.packagesCanBeChecked ?? (ownSources() !== undefined || existsSync(ARCHIVE_KEYRING));
  const packages = [...missing.map(([, each]) => each), ...(checked ? [] : ["debian-archive-keyring"])];
  return [
    ...(user === 0 ? [] : ["Making images needs root, for chroot and mounts in a namespace: run the command as root."]),
    ...(packages.length === 0
      ? []
      : [`These packages of Debian or Ubuntu are missing: apt-get install --yes ${[...new Set(packages)].join(" ")}`]),
  ];
}
