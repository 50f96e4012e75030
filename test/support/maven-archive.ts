import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { terminalProgress } from "../../sandbox/progress";
import { runCommand } from "../../sandbox/tools/command";
import { ChecksumError, downloadTool, Hosts } from "../../sandbox/tools/download";
import { withLock } from "../../sandbox/tools/lock";

/*
 * Servers that are published as .zip files on Maven Central, for tests that run the platform's scripts against the real
 * thing. `mavenArchive` is synchronous, because a test file has to know at its load whether to skip; what has to be
 * fetched is fetched by a child process, which is this same file, and stays in the cache of the user:
 * `$XDG_CACHE_HOME/platform/servers/<artifact>-<version>/` (`~/.cache` without that variable).
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

/**
 * The unpacked folder of an archive: what lies inside the archive's one top folder.
 * @returns the reason why there is none where the repository cannot be reached
 * @throws when the archive is another than the pinned one, or cannot be unpacked
 */
export function mavenArchive(archive: MavenArchive): { readonly folder: string } | { readonly reason: string } {
  const folder = serverFolder(archive.artifact, archive.version);
  if (existsSync(folder)) {
    return { folder };
  }
  const child = spawnSync(process.execPath, ["--import", "tsx", __filename, JSON.stringify(archive)], {
    cwd: resolve(__dirname, "..", ".."), // where `tsx` is found
    stdio: ["ignore", "pipe", "inherit"], // standard error shows the progress
    encoding: "utf8",
  });
  if (child.status !== 0) {
    throw new Error(`Cannot get ${archive.artifact} ${archive.version}, see above (exit code ${child.status}).`);
  }
  const reason = child.stdout.trim();
  return reason === "" ? { folder } : { reason };
}

/** Where a server that tests run against is kept. The folder appears there only when it is complete. */
export function serverFolder(name: string, version: string): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return resolve(cache, "platform", "servers", `${name}-${version}`);
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
async function fetchArchive(archive: MavenArchive): Promise<string | undefined> {
  const { group, artifact, version, sha256 } = archive;
  const folder = serverFolder(artifact, version);
  const progress = terminalProgress();
  const name = `${artifact} ${version}`;
  return withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(folder)) {
        return undefined; // whoever held the lock before has fetched it
      }
      const staging = mkdtempSync(`${folder}.staging-`);
      try {
        const file = `${artifact}-${version}.zip`;
        const url = `${repositoryUrl()}/${group.replaceAll(".", "/")}/${artifact}/${version}/${file}`;
        const zip = join(staging, file);
        // What the repository itself states is fetched, but only the pinned checksum counts.
        const download = { url, checksumUrl: `${url}.sha1`, findChecksum: () => sha256 };
        await downloadTool(download, zip, new Hosts(), (received, total) =>
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

if (require.main === module) {
  mkdirSync(dirname(serverFolder("any", "any")), { recursive: true });
  fetchArchive(JSON.parse(process.argv[2] ?? "") as MavenArchive).then(
    (reason) => process.stdout.write(reason ?? ""),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    },
  );
}
