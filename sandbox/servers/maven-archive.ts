import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { ProgressSink } from "../progress";
import { runCommand } from "../tools/command";
import { ChecksumError, downloadTool, Hosts } from "../tools/download";
import { withLock } from "../tools/lock";
import { UserError } from "../user-error";
import { serverFolder } from "./server-folder";

/*
 * Servers that are published as .zip files on Maven Central. They stay in the cache of the user, see `server-folder.ts`.
 *
 * Where the archives come from, the first that is set: the variable MAVEN_CENTRAL_URL; a mirror of `central` or `*` in
 * Maven's own settings (`~/.m2/settings.xml`); https://repo.maven.apache.org/maven2.
 */

/** One .zip file of a Maven repository. */
export interface MavenArchive {
  /** With dots: `org.keycloak`. */
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  /** Of the .zip file, hexadecimal. */
  readonly sha256: string;
}

/** A mirror that has not got the archive yet sends nothing before it has all of it: SonarQube is 760 MB. */
const FIRST_BYTE_MILLISECONDS = 300_000;
const STALL_MILLISECONDS = 120_000;

/** Where the unpacked archive is, once it was fetched: what lies inside the archive's one top folder. */
export function mavenFolder({ artifact, version }: MavenArchive): string {
  return serverFolder(artifact, version);
}

/**
 * Fetches the archive unless that was done before.
 * @returns the unpacked folder, {@link mavenFolder}
 * @throws UserError where the repository cannot be reached
 * @throws when the archive is another than the pinned one, or cannot be unpacked
 */
export async function ensureMavenArchive(archive: MavenArchive, progress: ProgressSink): Promise<string> {
  const folder = mavenFolder(archive);
  const reason = existsSync(folder) ? undefined : await fetchArchive(archive, progress);
  if (reason === undefined) return folder;
  throw new UserError(
    `${archive.artifact} ${archive.version} could not be had from ${repositoryUrl()}: ${reason}\n` +
      "Name another Maven repository with MAVEN_CENTRAL_URL, or a mirror of central in ~/.m2/settings.xml.",
  );
}

/**
 * The same for test files, which have to know at their load whether to skip: it blocks, and what has to be fetched is
 * fetched by a child process.
 * @returns the reason why there is none where the repository cannot be reached
 * @throws when the archive is another than the pinned one, or cannot be unpacked
 */
export function mavenArchive(archive: MavenArchive): { readonly folder: string } | { readonly reason: string } {
  const folder = mavenFolder(archive);
  if (existsSync(folder)) {
    return { folder };
  }
  const command = [
    join(__dirname, "../../loader/run.js"),
    "sandbox/servers/fetch-maven-archive",
    JSON.stringify(archive),
  ];
  const child = spawnSync(process.execPath, command, {
    stdio: ["ignore", "pipe", "inherit"], // standard error shows the progress
    encoding: "utf8",
  });
  if (child.status !== 0) {
    throw new Error(`Cannot get ${archive.artifact} ${archive.version}, see above (exit code ${child.status}).`);
  }
  const reason = child.stdout.trim();
  return reason === "" ? { folder } : { reason };
}

/** Base address of the repository, without a slash at the end. */
export function repositoryUrl(environment: NodeJS.ProcessEnv = process.env, home: string = homedir()): string {
  const settings = join(home, ".m2", "settings.xml");
  const url =
    environment["MAVEN_CENTRAL_URL"] ||
    (existsSync(settings) ? mirrorOfCentral(readFileSync(settings, "utf8")) : undefined) ||
    "https://repo.maven.apache.org/maven2";
  return url.replace(/\/+$/, "");
}

function mirrorOfCentral(settings: string): string | undefined {
  const mirrors = settings.replaceAll(/<!--[\s\S]*?-->/g, "").match(/<mirror>[\s\S]*?<\/mirror>/g) ?? [];
  const mirror = mirrors.find((each) => /<mirrorOf>\s*(?:central|\*)\s*<\/mirrorOf>/.test(each));
  return mirror && /<url>\s*(\S+?)\s*<\/url>/.exec(mirror)?.[1];
}

/** @returns why the repository did not give it, or undefined when the folder is there */
export async function fetchArchive(archive: MavenArchive, progress: ProgressSink): Promise<string | undefined> {
  const { group, artifact, version, sha256 } = archive;
  const folder = mavenFolder(archive);
  const name = `${artifact} ${version}`;
  return withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(folder)) {
        return undefined; // whoever held the lock before has fetched it
      }
      mkdirSync(dirname(folder), { recursive: true });
      const staging = mkdtempSync(`${folder}.staging-`);
      try {
        const file = `${artifact}-${version}.zip`;
        const url = `${repositoryUrl()}/${group.replaceAll(".", "/")}/${artifact}/${version}/${file}`;
        const zip = join(staging, file);
        // What the repository itself states is fetched, but only the pinned checksum counts.
        const download = { url, checksumUrl: `${url}.sha1`, findChecksum: () => sha256 };
        await downloadTool(download, zip, new Hosts(STALL_MILLISECONDS, FIRST_BYTE_MILLISECONDS), (received, total) =>
          progress.step(
            `downloading ${name}${total === undefined ? "" : `, ${Math.floor((100 * received) / total)} %`}`,
          ),
        );
        progress.step(`unpacking ${name}`);
        await unpack(zip, folder);
        progress.done(`${name} is ready`);
        return undefined;
      } catch (error) {
        if (error instanceof ChecksumError || error instanceof UnpackError) {
          throw error;
        }
        return (error as Error).message;
      } finally {
        rmSync(staging, { recursive: true, force: true });
      }
    },
    { onWait: (pid) => progress.step(`waiting for process ${pid}, which is getting ${name}`) },
  );
}

class UnpackError extends Error {}

async function unpack(zip: string, target: string): Promise<void> {
  const directory = join(dirname(zip), "unpacked");
  mkdirSync(directory);
  const ways: [string, string[]][] = [
    ["unzip", ["-q", zip, "-d", directory]],
    ["python3", ["-m", "zipfile", "-e", zip, directory]],
  ];
  const failures: string[] = [];
  for (const [program, programArguments] of ways) {
    const failure = await runCommand(program, programArguments).then(
      ({ code, stderr }) => (code === 0 ? undefined : `${program}: ${stderr.trim()}`),
      (error: Error) => error.message, // not installed
    );
    if (failure === undefined) {
      const [top = "", ...others] = readdirSync(directory);
      renameSync(others.length === 0 ? join(directory, top) : directory, target);
      return;
    }
    failures.push(failure);
  }
  throw new UnpackError(`${zip} could not be unpacked. ${failures.join("; ")}`);
}
