import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port";

/** Where Debian's package `postgresql` puts the programs of each version. */
const PACKAGES = "/usr/lib/postgresql";

const binaries = existsSync(PACKAGES)
  ? readdirSync(PACKAGES)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(PACKAGES, version, "bin"))
      .find((directory) => existsSync(join(directory, "initdb")))
  : undefined;

/** Whether a PostgreSQL server is installed from the operating system's packages (`postgresql` on Debian). */
export const postgresInstalled = binaries !== undefined;

/** PostgreSQL refuses to run as root; any other user will do. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** Name of the system user that the server runs as here, in the place of the image's own. */
export const serverUser =
  unprivileged.uid === undefined
    ? userInfo().username
    : spawnSync("id", ["-un", String(unprivileged.uid)], { encoding: "utf8" }).stdout.trim();

export interface Ran {
  readonly code: number | null;
  /** Standard output and errors. */
  readonly output: string;
}

/** A real PostgreSQL on a free loopback port, which asks everybody for a password. */
export class PostgresServer {
  readonly password = "administrator's password";
  port = 0;
  /** What the server wrote down. */
  log = "";
  private readonly folder = mkdtempSync(join(tmpdir(), "platform-postgres-"));
  private process: ChildProcess | undefined;

  constructor() {
    if (unprivileged.uid !== undefined) {
      chownSync(this.folder, unprivileged.uid, unprivileged.gid);
    }
  }

  /** Makes an empty data directory as the image does. */
  initialize(): void {
    const passwordFile = join(this.folder, "password");
    writeFileSync(passwordFile, this.password);
    const ended = spawnSync(
      program("initdb"),
      [`--pgdata=${this.data}`, "--username=postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--no-sync"],
      { ...unprivileged, encoding: "utf8" },
    );
    if (ended.status !== 0) {
      throw new Error(`initdb: ${ended.stdout}${ended.stderr}`);
    }
  }

  /** Starts the server and waits until it takes connections. @param settings further arguments, such as `-c name=value` */
  async start(settings: readonly string[] = []): Promise<void> {
    this.port = this.port === 0 ? await freePort() : this.port;
    this.process = spawn(
      program("postgres"),
      ["-D", this.data, "-h", "127.0.0.1", "-p", String(this.port), "-k", this.folder, "-F", ...settings],
      { ...unprivileged, stdio: ["ignore", "ignore", "pipe"] },
    );
    this.process.stderr?.on("data", (text: Buffer) => {
      this.log += text.toString();
    });
    while ((await this.run("pg_isready", ["--quiet"])).code !== 0) {
      if (!isRunning(this.process)) {
        throw new Error(`PostgreSQL ended at its start:\n${this.log}`);
      }
      await sleep(50);
    }
  }

  /** Finds the port that {@link start} will use. */
  async choosePort(): Promise<void> {
    this.port = await freePort();
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (child !== undefined && isRunning(child)) {
      const ended = once(child, "close"); // later than its exit: all that it has logged is read then
      child.kill("SIGINT");
      await ended;
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a client program, or `sh`, with libpq's variables for this server. */
  run(client: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const variables = {
      PATH: `${binaries}:${process.env["PATH"]}`,
      PGHOST: "127.0.0.1",
      PGPORT: String(this.port),
      PGDATABASE: "postgres",
      PGUSER: "postgres",
      PGPASSWORD: this.password,
      ...env,
    };
    return new Promise((resolve) => {
      const child = execFile(client, [...args], { env: variables }, (_, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr });
      });
    });
  }

  /**
   * Runs a command line as `kubectl exec` would inside the server's container: as the system user of the server, through
   * the socket, and with no variables but these.
   */
  runInside(command: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const variables = {
      PATH: `${binaries}:${process.env["PATH"]}`,
      PGHOST: this.folder, // where the socket is; in the image that is built in
      PGPORT: String(this.port),
      ...env,
    };
    return new Promise((resolve) => {
      const child = execFile(
        "sh",
        ["-c", command],
        { ...unprivileged, env: variables, cwd: this.folder },
        (_, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
      );
    });
  }

  /** The rows of a query, one line each. @throws with what psql said when it fails */
  async query(sql: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const { code, output } = await this.run("psql", ["-XAtq", "-c", sql], env);
    if (code !== 0) {
      throw new Error(output);
    }
    return output.split("\n").filter((line) => line !== "");
  }

  /** Writes a file that the server can read, mode 0600. */
  file(name: string, content: string): string {
    const directory = join(this.folder, "files");
    mkdirSync(directory, { recursive: true });
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    if (unprivileged.uid !== undefined) {
      chownSync(directory, unprivileged.uid, unprivileged.gid);
      chownSync(path, unprivileged.uid, unprivileged.gid);
    }
    return path;
  }

  private get data(): string {
    return join(this.folder, "data");
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function program(name: string): string {
  if (binaries === undefined) {
    throw new Error("PostgreSQL is not installed.");
  }
  return join(binaries, name);
}
