import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, renameSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { OfficialDownload } from "./catalogue";
import { runCommand } from "./command";

const CONNECT_TIMEOUT_MILLISECONDS = 5_000;
const STALL_TIMEOUT_MILLISECONDS = 30_000;

/** Remembers the hosts that did not answer, so that each costs one time-out and not one per tool. */
export class Hosts {
  private readonly unreachable = new Map<string, string>();

  /**
   * @param stallMilliseconds how long a body that has begun may pause; a parameter for tests
   * @param answerMilliseconds how long a reachable host may take for its first byte: a mirror gets a large file as a
   * whole before it passes it on. By default no longer than a host that is not there, for tools can be built instead.
   */
  constructor(
    readonly stallMilliseconds: number = STALL_TIMEOUT_MILLISECONDS,
    private readonly answerMilliseconds: number = CONNECT_TIMEOUT_MILLISECONDS,
  ) {}

  /** @throws when the host is known, or turns out, to be unreachable; or answers with an error status */
  async get(url: string): Promise<{ readonly response: Response; readonly abort: AbortController }> {
    const { host } = new URL(url);
    const known = this.unreachable.get(host);
    if (known !== undefined) throw new Error(known);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.answerMilliseconds);
    try {
      if (this.answerMilliseconds > CONNECT_TIMEOUT_MILLISECONDS) await connectTo(new URL(url));
      const response = await fetch(url, { signal: abort.signal, redirect: "follow" });
      if (!response.ok) throw new HttpStatusError(`${host} answered ${response.status} to ${url}`);
      return { response, abort };
    } catch (error) {
      if (error instanceof HttpStatusError) throw error;
      const reason = abort.signal.aborted ? `no answer in ${this.answerMilliseconds / 1000} s` : causeOf(error);
      this.unreachable.set(host, `${host} cannot be reached (${reason})`);
      throw new Error(`${host} cannot be reached (${reason})`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * A short text as a whole: all of it has to come within the time that a longer body may pause.
   * @throws like `get`, and when the text does not come to its end in time
   */
  async text(url: string): Promise<string> {
    const { response, abort } = await this.get(url);
    const timer = setTimeout(() => abort.abort(), this.stallMilliseconds);
    try {
      return await response.text();
    } catch (error) {
      const reason = abort.signal.aborted ? `not complete after ${this.stallMilliseconds / 1000} s` : causeOf(error);
      throw new Error(`the answer to ${url} broke off (${reason})`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Tells a host that is not there from one that takes its time. */
function connectTo({ hostname, port, protocol }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: number });
    socket.setTimeout(CONNECT_TIMEOUT_MILLISECONDS, () =>
      socket.destroy(new Error(`no connection in ${CONNECT_TIMEOUT_MILLISECONDS / 1000} s`)),
    );
    socket.once("error", reject).once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

class HttpStatusError extends Error {}

/** The download is complete, but it is not what the publisher states. */
export class ChecksumError extends Error {}

export type DownloadProgress = (received: number, total: number | undefined) => void;

/**
 * Puts the publisher's build at `target`, executable. The file appears there only when it is complete and its
 * SHA-256 is the published one.
 * @throws when a host cannot be reached, no checksum is published, or the checksum differs
 */
export async function downloadTool(
  download: OfficialDownload,
  target: string,
  hosts: Hosts,
  onProgress: DownloadProgress,
): Promise<void> {
  const expected = download.findChecksum(await hosts.text(download.checksumUrl));
  if (expected === undefined) throw new Error(`${download.checksumUrl} states no SHA-256 for ${download.url}`);

  const staging = join(dirname(target), `.download-${process.pid}`);
  mkdirSync(staging, { recursive: true });
  try {
    const file = join(staging, "download");
    const actual = await saveAndHash(download.url, file, hosts, onProgress);
    if (actual !== expected) {
      throw new ChecksumError(
        `the SHA-256 of ${download.url} is ${actual}, but ${download.checksumUrl} states ${expected}`,
      );
    }
    const program = download.archiveMember === undefined ? file : await extract(file, download.archiveMember, staging);
    await chmod(program, 0o755);
    renameSync(program, target);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function saveAndHash(url: string, file: string, hosts: Hosts, onProgress: DownloadProgress): Promise<string> {
  const { response, abort } = await hosts.get(url);
  if (response.body === null) throw new Error(`${url} answered without a body`);
  const total = Number(response.headers.get("content-length") ?? Number.NaN);
  const hash = createHash("sha256");
  let received = 0;
  const stall = setTimeout(() => abort.abort(), hosts.stallMilliseconds);
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      stall.refresh();
      hash.update(chunk);
      received += chunk.length;
      onProgress(received, Number.isNaN(total) ? undefined : total);
      next(null, chunk);
    },
  });
  try {
    await pipeline(
      Readable.fromWeb(response.body as import("node:stream/web").ReadableStream),
      measure,
      createWriteStream(file),
    );
  } catch (error) {
    const reason = abort.signal.aborted ? `nothing came for ${hosts.stallMilliseconds / 1000} s` : causeOf(error);
    throw new Error(`the download of ${url} broke off after ${received} bytes (${reason})`, { cause: error });
  } finally {
    clearTimeout(stall);
  }
  return hash.digest("hex");
}

/** The system's tar reads .tar.gz on both systems, and .zip on macOS, the only place where a .zip is published. */
async function extract(archive: string, member: string, directory: string): Promise<string> {
  const { code, stderr } = await runCommand("tar", ["-xf", archive, "-C", directory, member]);
  if (code !== 0) throw new Error(`tar could not take ${member} out of the download: ${stderr.trim()}`);
  return join(directory, member);
}

/** `fetch` hides what happened behind "fetch failed": the code or message of the innermost error tells more. */
function causeOf(error: unknown): string {
  const { cause, code, message } = error as NodeJS.ErrnoException & { readonly cause?: unknown };
  return cause === undefined ? (code ?? message) : causeOf(cause);
}
